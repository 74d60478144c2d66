import { expect, test } from "vitest";
import { z } from "zod";
import { contract } from "./contract.ts";
import { failure, isFailure } from "./failure.ts";
import { socket } from "./reply.ts";
import { get, post } from "./route.ts";

const Thing = z.object({ id: z.string() });

test("two routes with one address are refused, whatever their parameters are called", () => {
  expect(() =>
    contract("things", {
      byId: get("/things/:id", { returns: Thing }),
      byName: get("/things/:name", { returns: Thing }),
    }),
  ).toThrow(expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("byName") }));
});

test("one path with two methods is two addresses", () => {
  const things = contract("things", {
    list: get("/things", { returns: z.array(Thing) }),
    add: post("/things", { body: Thing, returns: Thing }),
  });
  expect(Object.keys(things.routes)).toEqual(["list", "add"]);
});

test.each(["Things", "1st", "", "a".repeat(33), "a_b"])('"%s" cannot be the name of a service', (name) => {
  expect(() => contract(name, {})).toThrow(expect.objectContaining({ code: "invalid-app" }));
});

test("a path that cannot be routed is refused", () => {
  expect(() => contract("things", { all: get("/things/*", { returns: Thing }) })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("/things/*") }),
  );
});

test("a WebSocket that does not begin with GET is refused", () => {
  expect(() =>
    contract("things", { watch: post("/things", { returns: socket({ receives: Thing, sends: Thing }) }) }),
  ).toThrow(expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("POST") }));
});

test("only what a kind of failure made is a failure", () => {
  const Gone = failure("gone", { status: 410, title: "Gone", cure: "Nothing.", detail: Thing });
  expect(isFailure(Gone({ id: "a" }))).toBe(true);
  expect(isFailure({ code: "gone", detail: { id: "a" }, failed: true })).toBe(false);
});
