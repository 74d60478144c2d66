import { expect, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../model/actor.ts";
import { app } from "../../model/app.ts";
import { block } from "../../model/block.ts";
import { contract } from "../../model/contract.ts";
import { plan } from "../../model/plan.ts";
import { get, post } from "../../model/route.ts";
import { service } from "../../model/service.ts";
import { plannedSchedules } from "../planned-schedules.ts";
import { planFacts } from "./plan-facts.ts";
import { planText } from "./plan-text.ts";

const shelf = block<"shelf", object>({
  kind: "shelf",
  needs: ["database"],
  limits: [{ name: "entries", value: 100, unit: "entries", set: "`max`" }],
  open: () => ({ handle: {} }),
});
const book = z.object({ title: z.string() });
const books = service(
  contract("books", {
    add: post("/books", { body: book, returns: book }),
    read: get("/books/:title", { returns: book, allow: anyone }),
  }),
  {
    uses: { shelf },
    routes: { add: ({ body }) => body, read: ({ params }) => params },
    schedules: {
      dust: { every: "7d", run: async () => {} },
      count: { cron: "30 3 * * *", zone: "Europe/Paris", missed: "once", run: async () => {} },
    },
  },
);
const schedules = plannedSchedules([books], Date.parse("2026-03-28T12:00:00Z"));
const library = app({ services: [books] });
const environment = {
  DATABASE_URL: "postgres://me:hush@db/library",
  TRELLIS_SECRET: "hush".repeat(8),
  REDIS_URL: "redis://cache",
};

test("the plan shows what runs, why, and every limit with the setting that changes it", () => {
  const text = planText(plan(library, environment), schedules);
  expect(text).toMatch(/^Stage 2: separate database\n {2}DATABASE_URL is set/);
  expect(text).toContain("REDIS_URL is set but has no effect");
  expect(text).toMatch(/POST +\/books +books\.add +signed in/);
  expect(text).toMatch(/GET +\/books\/:title +books\.read +anyone/);
  expect(text).toMatch(/request body +1MB +TRELLIS_BODY_MAX/);
  expect(text).toMatch(/books\.shelf: entries +100 entries +`max`/);
  expect(text).toMatch(/TRELLIS_DRAIN_TIMEOUT +20s +the longest/);
  expect(text).toContain("Calls\n  none");
  expect(text).toMatch(/books\.dust +every 7d +next 2026-04-02T00:00:00\.000Z +missed ones are skipped/);
  expect(text).toMatch(
    /books\.count +30 3 \* \* \* \(Europe\/Paris\) +next 2026-03-29T01:30:00\.000Z +missed ones are made/,
  );
});

test("every limit and every setting of the plan is in both forms", () => {
  const made = plan(library, environment);
  const both = [planText(made, schedules), JSON.stringify(planFacts(made, schedules))];
  for (const text of both)
    for (const { name, set } of made.limits) expect([text.includes(name), text.includes(set)]).toEqual([true, true]);
});

test("no secret is shown", () => {
  const made = plan(library, environment);
  expect(planText(made, schedules) + JSON.stringify(planFacts(made, schedules))).not.toContain("hush");
});

test("the same app and environment always give the same text", () => {
  const shuffled = Object.fromEntries(Object.entries(environment).reverse());
  expect(planText(plan(library, shuffled), schedules)).toBe(planText(plan(library, environment), schedules));
});
