import { describe, expect, test } from "vitest";
import { linksContract } from "./contract.ts";
import { isReserved } from "./reserved.ts";

describe("reserved words", () => {
  test.each(["v1", "livez", "readyz", "metrics", "openapi", "assets", "api", "admin", "health", "www"])(
    "%s",
    (word) => {
      expect(isReserved(word)).toBe(true);
      expect(isReserved(word.toUpperCase())).toBe(true);
    },
  );

  test("the first step of every fixed path of the contract is one", () => {
    const steps = Object.values(linksContract.routes).map(({ path }) => path.split("/")[1] ?? "");
    expect(steps.filter((step) => !step.startsWith(":") && !isReserved(step))).toEqual([]);
  });

  test("ordinary words are not", () => {
    expect(["sale", "constructor", "v10", "my-link"].filter(isReserved)).toEqual([]);
  });
});
