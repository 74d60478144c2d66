import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { silentLog, type TestClock, testClock, testRandom } from "../../testing/index.ts";
import type { Hop } from "../exchange.ts";
import { openFront } from "../front/open-front.ts";
import { openHttpUpstream } from "../upstreams/open-http-upstream.ts";
import type { Edge, EdgeOptions } from "./edge.ts";
import { openEdge } from "./open-edge.ts";

/** What the origin was asked. */
export interface OriginAsk {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What the origin does with one request. */
export interface OriginReply {
  readonly status?: number;
  /** Names and values in turn; one with an undefined value is left out. */
  readonly headers?: readonly (string | undefined)[];
  readonly body?: string | Uint8Array;
  /** Leaves out the length, so that the body comes in chunks. */
  readonly chunked?: boolean;
  readonly trailers?: Readonly<Record<string, string>>;
  /** An interim answer that comes first. */
  readonly early?: Readonly<Record<string, string>>;
  /** Ends the connection: before the head, or in the middle of the body. */
  readonly cut?: "head" | "body";
  /** Waits for it before the head. */
  readonly until?: Promise<unknown>;
  /** Waits for it between the two halves of the body. */
  readonly halfUntil?: Promise<unknown>;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly interim: readonly { readonly status: number; readonly headers: Readonly<Record<string, unknown>> }[];
  /** The body was cut off. */
  readonly cut: boolean;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Clients, the front door, the edge cache and an origin that does what it is told, with real HTTP between them. */
export interface EdgeWorld {
  readonly clock: TestClock;
  readonly edge: Edge;
  /** Host and port of the front door. */
  readonly authority: string;
  /** Everything that the origin was asked, in order. */
  readonly asks: readonly OriginAsk[];
  /** What the origin says next at this path; the last one again and again. */
  script(path: string, ...replies: readonly OriginReply[]): void;
  ask(path: string, options?: AskOptions): Promise<ClientAnswer>;
  /** How often the origin was asked for a path. */
  asked(path: string): number;
  /** As a header wants it, so many seconds from now. */
  date(seconds?: number): string;
  /** Resolves when the origin has been asked so often in all. */
  whenAsked(times: number): Promise<void>;
  close(): Promise<void>;
}

/** @param behind - what stands between the cache and the origin */
export async function openEdgeWorld(
  options: Partial<Omit<EdgeOptions, "next" | "clock">> = {},
  behind: (next: Hop, clock: TestClock) => Hop = (next) => next,
): Promise<EdgeWorld> {
  const clock = testClock();
  const origin = await openOrigin();
  const upstream = openHttpUpstream({ address: { url: origin.url } });
  const edge = openEdge({ bytesMax: 8 * 1024 * 1024, ...options, next: behind(upstream, clock), clock });
  const settings = { bodyBytesMax: 1e6, headersBytesMax: 16_384, requestTimeoutMs: 60_000, connectionsMax: 5_000 };
  const front = openFront({
    hop: named(edge.hop),
    settings: { ...settings, trustedProxies: "" },
    clock,
    random: testRandom(1),
    log: silentLog,
  });
  const port = await front.listen({ port: 0, host: "127.0.0.1" });
  const authority = `127.0.0.1:${port}`;
  return {
    clock,
    edge,
    authority,
    asks: origin.asks,
    script: (path, ...replies) => void origin.scripts.set(path, [...replies]),
    ask: (path, asking) => ask(port, path, asking),
    asked: (path) => origin.asks.filter(({ target }) => target === path).length,
    date: (seconds = 0) => formatHttpDate(clock.now() + seconds * 1_000),
    whenAsked: origin.whenAsked,
    close: async () => {
      await front.close();
      upstream.close();
      origin.close();
    },
  };
}

/** What routing does in a gateway. */
function named(hop: Hop): Hop {
  return {
    forward: (asked, sink) => {
      asked.facts.service = "shop";
      return hop.forward(asked, sink);
    },
    upgrade: (asked, sink) => hop.upgrade(asked, sink),
  };
}

async function openOrigin() {
  const scripts = new Map<string, OriginReply[]>();
  const asks: OriginAsk[] = [];
  const waiting: { times: number; resolve: () => void }[] = [];
  const server = createServer((incoming, response) => {
    const { method = "", url: target = "", headers } = incoming;
    asks.push({ method, target, headers });
    for (const { times, resolve } of waiting) if (asks.length >= times) resolve();
    const script = scripts.get(target) ?? [];
    const reply = (script.length > 1 ? script.shift() : script[0]) ?? { status: 404 };
    incoming.resume();
    void answer(reply, incoming, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scripts,
    asks,
    whenAsked: (times: number) =>
      new Promise<void>((resolve) => (asks.length >= times ? resolve() : waiting.push({ times, resolve }))),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(reply: OriginReply, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status = 200, headers = [], body = "", chunked, trailers, early, cut, until, halfUntil } = reply;
  if (early) response.writeEarlyHints({ link: "</a.css>; rel=preload", ...early });
  await until;
  if (cut === "head") return void incoming.socket.destroy();
  const bytes = Buffer.from(body);
  const list = [...headers];
  if (!chunked && !list.includes("content-length") && status !== 204 && status !== 304)
    list.push("content-length", String(bytes.length));
  response.sendDate = false;
  const lines: string[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1];
    if (value !== undefined) lines.push(list[i] as string, value);
  }
  response.writeHead(status, lines);
  if (incoming.method === "HEAD" || status === 304) return void response.end();
  const half = Math.ceil(bytes.length / 2);
  await new Promise((written) => response.write(bytes.subarray(0, half), written));
  await halfUntil;
  if (cut === "body") return void incoming.socket.destroy();
  response.write(bytes.subarray(half));
  if (trailers) response.addTrailers(trailers);
  response.end();
}

function ask(port: number, path: string, options: AskOptions = {}): Promise<ClientAnswer> {
  const { method = "GET", headers = {}, body, signal } = options;
  return new Promise((resolve, reject) => {
    const interim: { status: number; headers: Readonly<Record<string, unknown>> }[] = [];
    const asking = request({ port, host: "127.0.0.1", path, method, headers, agent: false, ...(signal && { signal }) });
    asking.on("information", (info) => interim.push({ status: info.statusCode, headers: info.headers }));
    // A cut before the client has seen the head, or while it reads.
    asking.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve({ status: 0, headers: {}, body: "", interim, cut: true }) : reject(error),
    );
    asking.on("response", (response) => {
      const chunks: Buffer[] = [];
      const done = (cut: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: joined(response.rawHeaders),
          body: Buffer.concat(chunks).toString(),
          interim,
          cut,
        });
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => done(false));
      response.on("error", () => done(true));
    });
    asking.end(body);
  });
}

function joined(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    headers[name] = headers[name] === undefined ? (raw[i + 1] as string) : `${headers[name]}, ${raw[i + 1]}`;
  }
  return headers;
}
