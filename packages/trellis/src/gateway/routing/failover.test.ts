import { createServer, type Server } from "node:http";
import { expect, test } from "vitest";
import { systemClock, systemRandom, systemStopwatch } from "../../runtime/system-clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import type { UpstreamRule } from "../port.ts";
import { ask } from "../upstreams/ask.contract.ts";
import { listening } from "../upstreams/faulty-origin.contract.ts";
import { openHttpUpstream } from "../upstreams/open-http-upstream.ts";
import { openRouting } from "./open-routing.ts";
import type { Routing, RoutingReport } from "./routing.ts";
import { tableOf } from "./routing-bench.contract.ts";

interface Origin {
  readonly server: Server;
  readonly rule: UpstreamRule;
  answered: number;
}

async function origin(id: string): Promise<Origin> {
  const server = createServer((_, answer) => {
    one.answered += 1;
    setImmediate(() => answer.end("ok"));
  });
  const rule = { id, address: { url: `http://127.0.0.1:${await listening(server)}` } };
  const one: Origin = { server, rule, answered: 0 };
  return one;
}

const end = ({ server }: Origin): void => {
  server.close();
  server.closeAllConnections();
};

function routingTo(origins: readonly Origin[], reports: RoutingReport[] = []): Routing {
  const routing = openRouting({
    clock: systemClock,
    stopwatch: systemStopwatch,
    random: systemRandom,
    log: silentLog,
    upstreamFor: ({ address }) => openHttpUpstream({ address: address as { url: string } }),
    onReport: (report) => reports.push(report),
  });
  routing.apply(tableOf(origins.map(({ rule }) => rule)));
  return routing;
}

/** So many requests by thirty clients; `halfway` is called once on the way. Returns those that were not answered by 200. */
async function load(routing: Routing, count: number, method: string, halfway: () => void): Promise<readonly unknown[]> {
  const failed: unknown[] = [];
  let left = count;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if (left === Math.floor(count / 2)) halfway();
      const answer = await ask(routing.services, { method });
      if (answer.status !== 200 || answer.body !== "ok") failed.push(answer.failure ?? answer.status);
    }
  };
  await Promise.all(Array.from({ length: 30 }, client));
  return failed;
}

test("one of three origins ends under load: no idempotent request fails", async () => {
  const origins = await Promise.all([origin("one"), origin("two"), origin("three")]);
  const [first] = origins;
  if (!first) throw new Error("there are three");
  const routing = routingTo(origins);
  const failed = await load(routing, 3_000, "GET", () => end(first));
  expect(failed).toEqual([]);
  for (const { answered } of origins) expect(answered).toBeGreaterThan(200);
  expect(routing.figures().upstreams[0]).toMatchObject({ upstream: "one", usable: false });
  routing.close();
  for (const one of origins) end(one);
});

test("tables that change under load lose no request, of any method, and draining ends", async () => {
  const origins = await Promise.all([origin("one"), origin("two")]);
  const [one, two] = origins;
  if (!one || !two) throw new Error("there are two");
  const reports: RoutingReport[] = [];
  const routing = routingTo([one], reports);
  let version = 1;
  const failed = await load(routing, 1_500, "POST", () => {
    version += 1;
    const rules = [{ ...one.rule, draining: true }, two.rule];
    routing.apply(tableOf(rules, {}, {}, version));
  });
  expect(failed).toEqual([]);
  expect(reports).toEqual([{ kind: "drained", upstream: "one" }]);
  expect(one.answered + two.answered).toBe(1_500);
  routing.close();
  for (const each of origins) end(each);
});
