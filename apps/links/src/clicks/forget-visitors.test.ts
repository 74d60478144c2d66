import { app, database, service } from "trellis";
import { anyone, contract, nothing, post } from "trellis/contract";
import { startTestApp } from "trellis/testing";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Tables } from "../tables.ts";
import { forgetVisitors } from "./forget-visitors.ts";
import { dayOf, hourMs, hoursOfDay } from "./hours.ts";

const body = z.object({ now: z.number() });
const forgetful = contract("links", { forget: post("/forget", { body, returns: nothing(), allow: anyone }) });

/** Links' tables, and the schedule at any moment that a test likes. */
const tables = service(forgetful, {
  uses: { db: database<Tables>({ migrations: import.meta.resolve("../migrations/") }) },
  routes: {
    forget: async ({ body: { now } }, { db }) => {
      await forgetVisitors({ now: () => now }, { db });
    },
  },
});

const noon = Date.parse("2026-03-01T12:00:00Z");
const dayMs = hoursOfDay * hourMs;

test("tomorrow's salt is there before midnight, and each is gone two days after its own", async () => {
  const running = await startTestApp(app({ services: [tables] }), { instances: 1 });
  onTestFinished(() => running.stop());
  const api = await running.client(forgetful);
  const kept = async () => {
    const rows = await running.instances[0]?.opened.database.platform.query<{ day: number; salt: Uint8Array }>(
      "select day, salt from links.visitor_salt order by day",
    );
    return new Map(rows?.map(({ day, salt }) => [day, Buffer.from(salt).toString("hex")]));
  };
  const today = dayOf(noon);
  await api.forget({ body: { now: noon } });
  const first = await kept();
  await api.forget({ body: { now: noon + dayMs } });
  const second = await kept();
  expect([...second.keys()]).toEqual([today + 1, today + 2]);
  expect(second.get(today + 1)).toBe(first.get(today + 1));
  expect(new Set(second.values()).size).toBe(2);
  await api.forget({ body: { now: noon + 2 * dayMs } });
  expect([...(await kept()).keys()]).toEqual([today + 1, today + 2, today + 3]);
  await api.forget({ body: { now: noon + 3 * dayMs } });
  expect([...(await kept()).keys()]).toEqual([today + 2, today + 3, today + 4]);
}, 60_000);
