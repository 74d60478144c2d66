import { expect, test } from "vitest";
import type { Random } from "../../../model/clock.ts";
import { edgeEventHeader, formatEdgeEventPlan } from "../../../model/edge-event.ts";
import { silentLog, type TestClock, testClock, testRandom } from "../../../testing/index.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop } from "../../exchange.ts";
import { gatewayRequest } from "../../upstreams/recorded-answer.contract.ts";
import { openEdge } from "../open-edge.ts";
import { keptRecords, testData } from "./events-world.contract.ts";
import { openEdgeEvents } from "./open-edge-events.ts";

/** Each request names itself, and the contract names that header: so it is known whose event each is. */
const plan = [edgeEventHeader, formatEdgeEventPlan({ stream: "shop.clicks", route: "follow", headers: ["x-name"] })];

const nameOf = ({ headers }: GatewayRequest) => headers[headers.indexOf("x-name") + 1] as string;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** An instance that writes down whom it answers well, unless it is told not to, before its answer leaves. */
function moodyInstance(random: Random, clock: TestClock) {
  const noted = new Map<string, number>();
  const pending: (() => void)[] = [];
  const forward = (request: GatewayRequest, sink: AnswerSink): Forwarding => {
    let over = false;
    pending.push(() => {
      if (over) return;
      const mood = random();
      if (mood < 0.1) return sink.fail({ reason: "reset", says: "away" });
      if (mood < 0.2) return sink.whole(503, [], "away");
      const name = nameOf(request);
      if (!request.facts.refreshes) noted.set(name, (noted.get(name) ?? 0) + 1);
      answer(request, sink, () => over);
    });
    return {
      resume: () => undefined,
      abort: () => {
        over = true;
      },
    };
  };
  const answer = (request: GatewayRequest, sink: AnswerSink, left: () => boolean): void => {
    const headers = ["etag", versionOf(request.target, clock), ...lifetime(random), ...plan];
    const body = request.method === "HEAD" ? "" : `body of ${request.target}`;
    const asked = request.headers.indexOf("if-none-match");
    if (asked >= 0 && random() < 0.6) {
      // Sometimes about another one than was asked about.
      const etag = random() < 0.2 ? '"other"' : (request.headers[asked + 1] ?? "");
      sink.whole(304, headers.with(1, etag), "");
    } else if (random() < 0.7) sink.whole(200, headers, body);
    else {
      sink.head(200, headers);
      sink.data(Buffer.from(body));
      pending.push(() => {
        if (!left()) sink.end();
      });
    }
  };
  const hop: Hop = { forward, upgrade: forward };
  return { hop, noted, pending };
}

function versionOf(target: string, clock: TestClock): string {
  return `"${Math.floor(clock.now() / 20_000)}${target}"`;
}

function lifetime(random: Random): HeaderList {
  return pick(random, [
    ["cdn-cache-control", "max-age=5, stale-while-revalidate=5, stale-if-error=60"],
    ["cdn-cache-control", "max-age=5, stale-if-error=60"],
    ["cdn-cache-control", "max-age=60"],
    ["cdn-cache-control", "max-age=60", "vary", "accept-language"],
    ["cache-control", "no-store"],
  ]);
}

class Client implements AnswerSink {
  readonly name: string;
  forwarding: Forwarding | undefined;
  status = 0;
  left = false;

  constructor(name: string) {
    this.name = name;
  }

  interim(): void {}

  head(status: number): void {
    this.status = status;
  }

  data(): boolean {
    return true;
  }

  end(): void {}

  whole(status: number): void {
    if (this.left) throw new Error(`${this.name} has left, and is given an answer`);
    this.status = status;
  }

  fail(): void {
    this.status = 502;
  }
}

const asked: readonly HeaderList[] = [
  [],
  [],
  [],
  ["accept-language", "de"],
  ["if-none-match", "its version"],
  ["cache-control", "no-cache"],
  ["cache-control", "only-if-cached"],
  ["cache-control", "max-stale=20"],
  ["range", "bytes=0-3"],
  ["authorization", "mine"],
  ["if-match", "*"],
];

async function live(seed: number) {
  const random = testRandom(seed);
  const clock = testClock();
  const data = await testData(clock);
  const instance = moodyInstance(random, clock);
  const events = openEdgeEvents({ name: "gateway-1", folder: data, bytesMax: 1e9, clock, log: silentLog });
  const edge = openEdge({ next: instance.hop, clock, bytesMax: 20_000, events });
  const clients: Client[] = [];
  for (let step = 0; step < 1_200; step++) {
    const what = random();
    if (what < 0.5) clients.push(come(`c${step}`));
    else if (what < 0.9) instance.pending.splice(Math.floor(random() * instance.pending.length), 1)[0]?.();
    else if (what < 0.93) leave(clients.at(-1));
    else if (what < 0.98) await clock.advance(random() * 6_000);
    else edge.purge(pick(random, [{ all: true }, { url: "http://shop.localhost/1" }] as const));
  }
  while (instance.pending.length > 0) instance.pending.shift()?.();
  await events.close();
  return { clients, noted: instance.noted, records: keptRecords(data) };

  function come(name: string): Client {
    const client = new Client(name);
    const method = random() < 0.1 ? "HEAD" : "GET";
    const target = `/${Math.floor(random() * 5)}`;
    const more = pick(random, asked).map((text) => (text === "its version" ? versionOf(target, clock) : text));
    const headers = ["x-name", name, ...more];
    const request = gatewayRequest({ method, target, headers, deadlineMs: clock.now() + 60_000 });
    client.forwarding = edge.hop.forward(request, client);
    return client;
  }
}

function leave(client: Client | undefined): void {
  if (!client) return;
  client.left = true;
  client.forwarding?.abort();
}

test("whatever clients, instances and purges do, whoever is answered is written down once: by the edge or by an instance", {
  timeout: 60_000,
}, async () => {
  let [byEdge, byInstance] = [0, 0];
  for (let seed = 1; seed <= 25; seed++) {
    const { clients, noted, records } = await live(seed);
    const kept = Map.groupBy(records, ({ event }) => event?.headers["x-name"]);
    for (const { name, status, left } of clients) {
      const edge = kept.get(name)?.length ?? 0;
      const all = edge + (noted.get(name) ?? 0);
      const wellAnswered = status >= 200 && status < 500 && status !== 0;
      if (wellAnswered && all !== 1)
        expect.fail(`seed ${seed}: ${name} got ${status}, and was written down ${all} times`);
      if (all > 1) expect.fail(`seed ${seed}: ${name} was written down ${all} times`);
      if (edge > 0 && !wellAnswered && !left)
        expect.fail(`seed ${seed}: ${name} got ${status}, and is an event of the edge`);
      byEdge += edge;
      byInstance += all - edge;
    }
  }
  // Otherwise this would prove nothing.
  expect([byEdge > 2_000, byInstance > 2_000]).toEqual([true, true]);
});
