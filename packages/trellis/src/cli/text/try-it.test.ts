import { expect, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../model/actor.ts";
import { app } from "../../model/app.ts";
import { contract, type Routes } from "../../model/contract.ts";
import { plan } from "../../model/plan.ts";
import { get, post } from "../../model/route.ts";
import { service } from "../../model/service.ts";
import { tryIt } from "./try-it.ts";

const url = "http://localhost:3000";
const thing = z.object({ id: z.string() });

function tried(routes: Routes): string {
  const handlers = Object.fromEntries(Object.keys(routes).map((name) => [name, () => ({ id: "1" })]));
  const services = [service(contract("things", routes), { uses: {}, routes: handlers })];
  return tryIt(plan(app({ services }), {}), url, "KEY");
}

test("something is created where the app can create, with the required fields only, by who may", () => {
  const body = z.object({
    target: z.url(),
    kind: z.enum(["small", "large"]),
    count: z.int().min(2),
    alias: z.string().optional(),
    tags: z.array(z.string()),
  });
  expect(tried({ list: get("/things", { returns: thing }), add: post("/things", { body, returns: thing }) })).toBe(
    `curl -X POST -H 'authorization: Bearer KEY' -H 'content-type: application/json' -d '{"target":"https://example.com/","kind":"small","count":2,"tags":[]}' ${url}/things`,
  );
});

test("else something is read, without a key where anyone may", () => {
  const routes = {
    one: get("/things/:id", { returns: thing }),
    list: get("/things", { returns: thing, allow: anyone }),
  };
  expect(tried(routes)).toBe(`curl ${url}/things`);
});

test("else the routes are shown", () => {
  expect(tried({ one: get("/things/:id", { returns: thing }) })).toBe(`curl ${url}/openapi.json`);
});
