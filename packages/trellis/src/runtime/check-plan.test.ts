import { expect, test } from "vitest";
import { anyone } from "../model/actor.ts";
import { app } from "../model/app.ts";
import { contract, type Routes } from "../model/contract.ts";
import { plan } from "../model/plan.ts";
import { nothing } from "../model/reply.ts";
import { get } from "../model/route.ts";
import { type Schedule, service } from "../model/service.ts";
import { checkPlan } from "./check-plan.ts";

function check(name: string, routes: Routes, schedules: Record<string, Schedule<object>> = {}): void {
  const handlers = Object.fromEntries(Object.keys(routes).map((route) => [route, () => undefined]));
  const one = service(contract(name, routes), { uses: {}, routes: handlers as never, schedules });
  checkPlan(plan(app({ services: [one] }), {}));
}

const run = async (): Promise<void> => {};

test("a schedule that cannot be read is refused before anything is opened, naming service and schedule", () => {
  expect(() => check("links", {}, { sweep: { cron: "0 25 * * *", zone: "UTC", run } })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("links.sweep") }),
  );
  expect(() => check("links", {}, { "two words": { every: "1d", run } })).toThrow('"two words"');
  expect(() => check("links", {}, { sweep: { every: "1d", run } })).not.toThrow();
});

test("what the platform itself has cannot be an app's: its service, its addresses", () => {
  expect(() => check("operations", {})).toThrow(expect.objectContaining({ code: "invalid-app" }));
  const taken = get("/v1/operations/jobs/:job", { returns: nothing(), allow: anyone });
  expect(() => check("mine", { taken })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("mine.taken") }),
  );
});
