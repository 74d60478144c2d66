import { expect, test } from "vitest";
import { releaseError } from "./release-error.ts";

test("an error that the command told is that error", () => {
  const told = { event: "error", code: "invalid-app", title: "t", says: "two services are called shop", cure: "c" };
  expect(releaseError(`something before\n${JSON.stringify(told)}\n`, "noise")).toMatchObject({
    code: "invalid-app",
    message: told.says,
  });
});

test("an error that nobody caught is told in its own words, also after the plan was printed", () => {
  const stderr = `file:///app/shop.ts:3
  setTimeout(() => { throw new TypeError("no pen here"); }, 50);
                     ^

TypeError: no pen here
    at Timeout._onTimeout (file:///app/shop.ts:3:28)

Node.js v24.21.0
`;
  for (const stdout of ["", '{"services":[],"groups":[]}\n', '{"services":['])
    expect(releaseError(stdout, stderr)).toMatchObject({ code: "broken-config", message: "TypeError: no pen here" });
});

test("a command that says nothing is told as such", () => {
  expect(releaseError("", "")).toMatchObject({ code: "broken-config", message: "It says nothing" });
  expect(releaseError("", "Killed\n").message).toBe("Killed");
});
