import { expect, test } from "vitest";
import { verifyCaller } from "../blocks/http/endpoint/caller-header.ts";
import type { Caller } from "../blocks/http/port.ts";
import { app } from "../model/app.ts";
import { noMetrics } from "../model/metrics.ts";
import { plan } from "../model/plan.ts";
import { testClock } from "../testing/test-clock.ts";
import { testRandom } from "../testing/test-random.ts";
import { openCalls } from "./calls-engine.ts";

const caller: Caller = {
  actor: { id: "ada", workspace: "w", scopes: ["*"] },
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: undefined,
  requestId: "r1",
  deadlineMs: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
};

test("what is signed for one service is believed by that one alone, for a minute at most", () => {
  const made = plan(app({ services: [] }), {});
  const dispatch = () => Promise.reject(new Error("nothing is called here"));
  const directory = { addressesOf: () => [], refresh: async () => undefined, wake: async () => undefined };
  const world = { clock: testClock(), random: testRandom(), metrics: noMetrics };
  const calls = openCalls({ plan: made, hosted: new Set(), secret: "s", dispatch, directory, ...world });
  const signed = calls.sign(caller, "links", 1_000);
  expect(verifyCaller(signed, "s", { service: "links", nowMs: 60_999 })).toMatchObject({ actor: { id: "ada" } });
  expect(verifyCaller(signed, "s", { service: "links", nowMs: 61_000 })).toBeUndefined();
  expect(verifyCaller(signed, "s", { service: "billing", nowMs: 1_000 })).toBeUndefined();
});
