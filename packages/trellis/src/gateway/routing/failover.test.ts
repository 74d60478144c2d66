import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { FramesServer } from "../../blocks/http/server/frames-server/frames-server.ts";
import { systemClock, systemRandom, systemStopwatch } from "../../runtime/system-clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import type { PoolRule, UpstreamRule } from "../port.ts";
import { ask } from "../upstreams/ask.contract.ts";
import { listening } from "../upstreams/faulty-origin.contract.ts";
import { FramesUpstream } from "../upstreams/frames-upstream.ts";
import { openHttpUpstream } from "../upstreams/open-http-upstream.ts";
import { openRouting } from "./open-routing.ts";
import type { Routing, RoutingReport } from "./routing.ts";
import { tableOf } from "./routing-bench.contract.ts";

interface Instance {
  readonly rule: UpstreamRule;
  answered: number;
  /** As kill -9 does it: connections are cut, and nobody listens any more. */
  kill(): void;
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const count = (instance: Instance): void => {
  instance.answered += 1;
};

/** Answers in the turn after the one in which it was asked, so that some requests are under way when it is killed. */
const answering =
  (onAsked: () => void): RequestListener =>
  (_, answer) => {
    onAsked();
    setImmediate(() => answer.end("ok"));
  };

async function origin(id: string): Promise<Instance> {
  const server = createServer(answering(() => count(instance)));
  const rule = { id, address: { url: `http://127.0.0.1:${await listening(server)}` } };
  const kill = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const instance: Instance = { rule, answered: 0, kill };
  ends.push(kill);
  return instance;
}

async function frames(id: string, path?: string): Promise<Instance> {
  const server = new FramesServer(
    answering(() => count(instance)),
    systemClock,
  );
  const instance: Instance = {
    rule: { id, address: { frames: path ?? (await socketPath()) } },
    answered: 0,
    kill: () => server.cut(),
  };
  await server.listen((instance.rule.address as { frames: string }).frames);
  ends.push(instance.kill);
  return instance;
}

async function socketPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trellis-failover-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "frames.sock");
}

interface Routed {
  readonly routing: Routing;
  readonly reports: RoutingReport[];
}

function routingTo(instances: readonly Instance[], pool: Partial<PoolRule> = {}): Routed {
  const reports: RoutingReport[] = [];
  const routing = openRouting({
    clock: systemClock,
    stopwatch: systemStopwatch,
    random: systemRandom,
    log: silentLog,
    upstreamFor: ({ address }) =>
      "frames" in address ? new FramesUpstream(address.frames, { clock: systemClock }) : openHttpUpstream({ address }),
    onReport: (report) => reports.push(report),
    lastingMs: 20_000,
  });
  ends.push(() => routing.close());
  routing.apply(
    tableOf(
      instances.map(({ rule }) => rule),
      {},
      pool,
    ),
  );
  return { routing, reports };
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

describe.each([
  ["strangers' origins", origin],
  ["instances of ours", frames],
])("with %s", (_, open) => {
  test("one of three is killed under load: no idempotent request fails", async () => {
    const three = await Promise.all([open("one"), open("two"), open("three")]);
    const { routing } = routingTo(three);
    expect(await load(routing, 3_000, "GET", () => three[0]?.kill())).toEqual([]);
    for (const { answered } of three) expect(answered).toBeGreaterThan(200);
    expect(routing.figures().upstreams[0]).toMatchObject({ upstream: "one", usable: false });
  }, 20_000);

  test("tables that change under load lose no request, of any method, and draining ends", async () => {
    const [one, two] = await Promise.all([open("one"), open("two")]);
    const { routing, reports } = routingTo([one]);
    const failed = await load(routing, 1_500, "POST", () =>
      routing.apply(tableOf([{ ...one.rule, draining: true }, two.rule], {}, {}, 2)),
    );
    expect(failed).toEqual([]);
    expect(reports).toEqual([{ kind: "drained", upstream: "one" }]);
    expect(one.answered + two.answered).toBe(1_500);
  }, 20_000);
});

test("the only instance is killed and started again: what nobody has seen waits for it", async () => {
  const first = await frames("one");
  const { routing } = routingTo([first], { wakeMs: 10_000 });
  first.kill();
  const waiting = Array.from({ length: 200 }, () => ask(routing.services, { method: "POST" }));
  const { frames: path } = first.rule.address as { frames: string };
  await frames("one", path);
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(200).fill(200));
}, 20_000);
