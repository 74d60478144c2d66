import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { writeSalts } from "../../../client-facts/salt-file.ts";
import type { Clock } from "../../../model/clock.ts";
import { type EdgeEventRecord, edgeEventHeader, formatEdgeEventPlan } from "../../../model/edge-event.ts";
import type { Log } from "../../../model/log.ts";
import { dayOf } from "../../../policies/client-facts/salts.ts";
import { readBlock } from "../../../spool/block.ts";
import { findSegments } from "../../../spool/segment.ts";
import { silentLog, type TestClock, testClock } from "../../../testing/index.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop } from "../../exchange.ts";
import { gatewayRequest, RecordedAnswer } from "../../upstreams/recorded-answer.contract.ts";
import type { Edge } from "../edge.ts";
import { openEdge } from "../open-edge.ts";
import type { EdgeEvents } from "./edge-events.ts";
import { openEdgeEvents } from "./open-edge-events.ts";

/** What an instance says of an answer that is an event. */
export const planned: HeaderList = [
  edgeEventHeader,
  formatEdgeEventPlan({ stream: "shop.clicks", route: "follow", headers: ["referer", "user-agent"] }),
];

/** A record as it lies on the disk. */
export interface KeptRecord {
  /** The process's folder. */
  readonly folder: string;
  readonly stream: string;
  readonly position: number;
  readonly route: string;
  /** Undefined for one that stands for a lost one. */
  readonly event: EdgeEventRecord | undefined;
}

/** Everything in the spool folders of a data folder, in order. */
export function keptRecords(data: string): readonly KeptRecord[] {
  const spool = join(data, "spool");
  if (!statSync(spool, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(spool).flatMap((folder) =>
    readdirSync(join(spool, folder))
      .filter((part) => part !== "lock")
      .flatMap((stream) =>
        findSegments(join(spool, folder, stream)).flatMap(({ path, start }) =>
          recordsIn(path).map(({ key, body }, at) => ({
            folder,
            stream,
            position: start + at,
            route: key,
            event: body === "" ? undefined : (JSON.parse(body) as EdgeEventRecord),
          })),
        ),
      ),
  );
}

function recordsIn(path: string) {
  const bytes = readFileSync(path);
  const records = [];
  for (let at = 0; at < bytes.length; ) {
    const block = readBlock(bytes, at);
    if (typeof block !== "object") throw new Error(`${path} is damaged at ${at}`);
    records.push(...block.records);
    at += block.bytes;
  }
  return records;
}

/** A data folder with today's salt, which goes with the test. */
export async function testData(clock: Clock): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "trellis-edge-events-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const today = dayOf(clock.now());
  await writeSalts(data, new Map([[today, new Uint8Array(32).fill(7)]]), today);
  return data;
}

/** What the origin was asked, and how it answers. */
export interface OriginAsk {
  readonly request: GatewayRequest;
  readonly sink: AnswerSink;
}

export interface AskOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: HeaderList;
  readonly clientAddress?: string;
}

/** A client's answer, and how many events were on the disk when its head came. */
export class ClientAnswer extends RecordedAnswer {
  forwarding: Forwarding | undefined;
  keptBefore = -1;
  readonly #kept: () => number;

  constructor(kept: () => number) {
    super();
    this.#kept = kept;
  }

  override head(status: number, headers: HeaderList): void {
    this.keptBefore = this.#kept();
    super.head(status, headers);
  }
}

export interface WorldOptions {
  readonly data?: string;
  readonly bytesMax?: number;
  readonly log?: Log;
}

/** Clients, the edge with its events, and an origin in the test's hand. */
export class EventsWorld {
  readonly clock: TestClock;
  readonly data: string;
  readonly events: EdgeEvents;
  readonly edge: Edge;
  /** Not answered yet, oldest first. */
  readonly asks: OriginAsk[] = [];

  private constructor(clock: TestClock, data: string, { bytesMax = 1e9, log = silentLog }: WorldOptions) {
    this.clock = clock;
    this.data = data;
    this.events = openEdgeEvents({ name: "gateway-1", folder: data, bytesMax, clock, log });
    const forward = (request: GatewayRequest, sink: AnswerSink): Forwarding => {
      this.asks.push({ request, sink });
      return { resume: () => undefined, abort: () => undefined };
    };
    const next: Hop = { forward, upgrade: forward };
    this.edge = openEdge({ next, clock, bytesMax: 10_000_000, events: this.events });
  }

  static async open(options: WorldOptions = {}): Promise<EventsWorld> {
    const clock = testClock();
    const world = new EventsWorld(clock, options.data ?? (await testData(clock)), options);
    onTestFinished(() => world.events.close());
    return world;
  }

  get records(): readonly KeptRecord[] {
    return keptRecords(this.data);
  }

  ask({ method = "GET", path = "/a", headers = [], clientAddress = "203.0.113.9" }: AskOptions = {}): ClientAnswer {
    const answer = new ClientAnswer(() => this.records.length);
    const request = gatewayRequest({
      method,
      target: path,
      headers,
      clientAddress,
      deadlineMs: this.clock.now() + 60_000,
    });
    answer.forwarding = this.edge.hop.forward(request, answer);
    return answer;
  }

  /** The oldest ask is answered. Returns what was asked. */
  reply(status: number, headers: HeaderList = [], body = ""): GatewayRequest {
    const { request, sink } = this.#next();
    sink.whole(status, headers, body);
    return request;
  }

  fail(): void {
    this.#next().sink.fail({ reason: "reset", says: "it is away" });
  }

  /** The oldest ask, to be answered piece by piece. */
  take(): AnswerSink {
    return this.#next().sink;
  }

  #next(): OriginAsk {
    const ask = this.asks.shift();
    if (!ask) throw new Error("The origin was not asked");
    return ask;
  }
}
