import { expect, test } from "vitest";
import type { Random } from "../../model/clock.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { type TestClock, testClock, testRandom } from "../../testing/index.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop } from "../exchange.ts";
import { openEdge } from "./open-edge.ts";

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const controls = [
  "max-age=5",
  "max-age=5, stale-while-revalidate=10",
  "max-age=5, stale-if-error=60",
  "s-maxage=3",
  "no-cache",
  "private, max-age=50",
  "no-store",
  'max-age=, ,=,"',
  "public",
];

/** With these an origin hands out cookies on purpose. */
const forAll = ["s-maxage=3", "public"];
const personal = ["private, max-age=50", "no-store"];

const odd: readonly HeaderList[] = [
  [],
  [],
  [],
  ["range", "bytes=0-3"],
  ["range", "bytes=9999999999999999999-"],
  ["if-none-match", '"1"'],
  ["if-none-match", 'W/"1", ,"'],
  ["if-modified-since", "never"],
  ["cache-control", "no-cache"],
  ["cache-control", "max-age=0, max-stale"],
  ["cache-control", "only-if-cached"],
  ["authorization", "Bearer x"],
  ["x-kind", "a"],
  ["x-kind", "b"],
];

/** An origin that answers when it likes, as it likes: whole, in pieces, cut off, with 304, with errors. */
function moodyOrigin(random: Random, clock: TestClock): { hop: Hop; pending: (() => void)[] } {
  const pending: (() => void)[] = [];
  const forward = (request: GatewayRequest, sink: AnswerSink): Forwarding => {
    let aborted = false;
    const user = request.headers[request.headers.indexOf("cookie") + 1];
    pending.push(() => {
      if (!aborted) answer(random, clock, request, sink, `made for ${user}`, pending, () => aborted);
    });
    return {
      resume: () => {},
      abort: () => {
        aborted = true;
      },
    };
  };
  return { hop: { forward, upgrade: forward }, pending };
}

function answer(
  random: Random,
  clock: TestClock,
  request: GatewayRequest,
  sink: AnswerSink,
  body: string,
  pending: (() => void)[],
  isAborted: () => boolean,
): void {
  const mood = random();
  const control = pick(random, controls);
  const tag = ["etag", pick(random, ['"1"', '"2"', 'W/"1"']), "cache-tag", pick(random, ["red", "blue"])];
  const date = random() < 0.5 ? ["date", formatHttpDate(clock.now())] : [];
  const vary = random() < 0.3 ? ["vary", pick(random, ["x-kind", "accept", "*"])] : [];
  // A session that is renewed with whatever it is asked.
  const cookie = random() < 0.2 ? ["set-cookie", `${forAll.includes(control) ? "shared" : "session"}=${body}`] : [];
  const headers = ["cache-control", control, ...tag, ...date, ...vary, ...cookie];
  const text = personal.includes(control) ? `personal: ${body}` : `common: ${body}`;
  if (mood < 0.08) return void sink.fail({ reason: "reset", says: "it is moody" });
  if (mood < 0.16) return void sink.whole(503, [], "unavailable");
  if (mood < 0.3 && request.headers.includes("if-none-match")) return void sink.whole(304, headers, "");
  if (mood < 0.36) return void sink.whole(206, [...headers, "content-range", "bytes 0-3/400"], text.slice(0, 4));
  if (mood < 0.6) return void sink.whole(200, headers, text);
  sink.head(200, headers);
  pending.push(() => {
    if (isAborted()) return;
    sink.data(Buffer.from(text));
    if (mood > 0.9) return void sink.fail({ reason: "reset", says: "it is moody in the middle" });
    pending.push(() => {
      if (!isAborted()) sink.end();
    });
  });
}

/** What one client has got. */
class Client implements AnswerSink {
  readonly user: string;
  readonly #random: Random;
  ends = 0;
  begun = false;
  left = false;
  status = 0;
  text = "";
  cookie = "";
  forwarding: Forwarding | undefined;

  constructor(user: string, random: Random) {
    this.user = user;
    this.#random = random;
  }

  interim(): void {}

  head(status: number, headers: HeaderList): void {
    this.#begin(status, headers);
  }

  data(chunk: Uint8Array): boolean {
    this.#goesOn();
    this.text += Buffer.from(chunk).toString();
    return this.#random() < 0.7;
  }

  end(): void {
    this.#goesOn();
    this.ends += 1;
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#begin(status, headers);
    this.text = Buffer.from(body as string).toString();
    this.ends += 1;
  }

  fail(): void {
    this.#goesOn();
    this.ends += 1;
  }

  #begin(status: number, headers: HeaderList): void {
    this.#goesOn();
    this.cookie = headers[headers.indexOf("set-cookie") + 1] ?? "";
    must(!this.begun, "an answer has two heads");
    this.begun = true;
    this.status = status;
  }

  #goesOn(): void {
    must(this.ends === 0 && !this.left, "a client is told more after the end");
  }
}

async function live(seed: number): Promise<{ clients: Client[]; hits: number }> {
  const random = testRandom(seed);
  const clock = testClock();
  const origin = moodyOrigin(random, clock);
  const bytesMax = 20_000;
  const edge = openEdge({ next: origin.hop, clock, bytesMax, bodyBytesMax: 2_000 });
  const clients: Client[] = [];
  for (let step = 0; step < 1_500; step++) {
    const what = random();
    if (what < 0.5) clients.push(come(edge.hop, random, clock));
    else if (what < 0.9) origin.pending.splice(Math.floor(random() * origin.pending.length), 1)[0]?.();
    else if (what < 0.94) pick(random, clients.length > 0 ? clients : [undefined])?.forwarding?.resume();
    else if (what < 0.96) leave(pick(random, clients.length > 0 ? clients : [undefined]));
    else if (what < 0.98) await clock.advance(random() * 6_000);
    else edge.purge(pick(random, [{ tag: "red" }, { all: true }, { url: "http://shop/1" }] as const));
    must(edge.figures().bytes <= bytesMax, "more is kept than may be");
  }
  for (let round = 0; round < 20; round++) {
    while (origin.pending.length > 0) origin.pending.shift()?.();
    for (const client of clients) client.forwarding?.resume();
  }
  expect(edge.figures()).toMatchObject({ waiting: 0, filling: 0 });
  return { clients, hits: edge.figures().routes.reduce((sum, { hits }) => sum + hits, 0) };
}

function come(hop: Hop, random: Random, clock: TestClock): Client {
  const client = new Client(`user-${Math.floor(random() * 5)}`, random);
  const method = random() < 0.06 ? "POST" : random() < 0.1 ? "HEAD" : "GET";
  client.forwarding = hop.forward(
    {
      method,
      target: `/${Math.floor(random() * 6)}`,
      authority: "shop",
      scheme: "http",
      headers: ["cookie", client.user, ...pick(random, odd)],
      body: undefined,
      clientAddress: "127.0.0.1",
      requestId: "1",
      startMs: clock.now(),
      deadlineMs: clock.now() + 60_000,
      facts: {
        service: "shop",
        upstream: undefined,
        release: undefined,
        tries: 0,
        cache: undefined,
        upstreamMs: undefined,
      },
    },
    client,
  );
  return client;
}

function leave(client: Client | undefined): void {
  if (!client || client.ends > 0) return;
  client.left = true;
  client.forwarding?.abort();
}

/** As `expect` in a loop of many thousands would be, but in no time. */
function must(holds: boolean, says: string): void {
  if (!holds) expect.fail(says);
}

const seeds = Array.from({ length: 30 }, (_, i) => i + 1);

test("whatever clients and origin do, each request has one end, and nobody gets what was made for another alone", {
  timeout: 60_000,
}, async () => {
  let hits = 0;
  for (const seed of seeds) {
    const lived = await live(seed);
    hits += lived.hits;
    for (const { user, ends, left, text, cookie } of lived.clients) {
      must(ends === (left ? 0 : 1), `seed ${seed}: a request has ${ends} ends`);
      if (cookie.startsWith("session="))
        must(cookie === `session=made for ${user}`, `seed ${seed}: ${user} got ${cookie}`);
      if (text.startsWith("personal: made for"))
        must(text === `personal: made for ${user}`, `seed ${seed}: ${user} got ${text}`);
    }
  }
  // Otherwise this would prove nothing about the cache.
  expect(hits).toBeGreaterThan(500);
});
