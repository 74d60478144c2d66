import type { Clock, Stopwatch } from "../../model/clock.ts";
import type { Counter, Metrics } from "../../model/metrics.ts";
import type { Hop } from "../exchange.ts";
import type { AccessLog } from "./access-log.ts";
import type { Incoming } from "./incoming.ts";
import type { RequestReader } from "./request-reader.ts";
import type { UnderWay } from "./under-way.ts";

interface Parts {
  readonly hop: Hop;
  readonly clock: Clock;
  readonly reader: RequestReader;
  readonly underWay: UnderWay;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog | undefined;
  readonly stopwatch: Stopwatch | undefined;
  readonly wellKnown: ((authority: string, target: string) => string | undefined) | undefined;
  /** The value of `strict-transport-security`, where there is one. */
  readonly hsts: string | undefined;
  readonly bodyBytesMax: number;
  readonly stalledMs: number;
}

/** What all requests of a front come by, whatever carries them, and what is counted of them. */
export class FrontDesk {
  readonly hop: Hop;
  readonly clock: Clock;
  readonly reader: RequestReader;
  readonly underWay: UnderWay;
  readonly stopwatch: Stopwatch | undefined;
  readonly wellKnown: Parts["wellKnown"];
  readonly hsts: string | undefined;
  readonly bodyBytesMax: number;
  /** How long a client that takes nothing of its answer is waited for. */
  readonly stalledMs: number;
  /** Answers ask clients to close their connections. */
  draining = false;
  requests = 0;
  failures = 0;
  readonly #accessLog: AccessLog | undefined;
  readonly #byClass: readonly Counter[];
  readonly #broken: Counter;
  readonly #refused: Counter;

  constructor(parts: Parts) {
    this.hop = parts.hop;
    this.clock = parts.clock;
    this.reader = parts.reader;
    this.underWay = parts.underWay;
    this.stopwatch = parts.stopwatch;
    this.wellKnown = parts.wellKnown;
    this.hsts = parts.hsts;
    this.bodyBytesMax = parts.bodyBytesMax;
    this.stalledMs = parts.stalledMs;
    this.#accessLog = parts.accessLog;
    const { metrics } = parts;
    this.#byClass = ["1xx", "2xx", "3xx", "4xx", "5xx"].map((status) =>
      metrics.counter("trellis_gateway_answers_total", "Answers to clients.", { status }),
    );
    this.#broken = metrics.counter(
      "trellis_gateway_broken_answers_total",
      "Answers that ended before they were whole: the client left, or the origin broke off.",
    );
    this.#refused = metrics.counter(
      "trellis_gateway_refused_total",
      "Requests that were refused before they became one: not HTTP, too large, too slow.",
    );
  }

  /** For `note`: where nobody reads how long requests take, no clock is asked. */
  arrived(): number {
    return this.#accessLog === undefined ? 0 : this.#now();
  }

  /** `status` is 0 where the client left before there was an answer. `since` is what `arrived` said. */
  note(incoming: Incoming, status: number, bytes: number, whole: boolean, since: number): void {
    this.requests += 1;
    if (status >= 500) this.failures += 1;
    this.#byClass[Math.floor(status / 100) - 1]?.add();
    if (!whole) this.#broken.add();
    if (this.#accessLog !== undefined) {
      const ms = Math.round((this.#now() - since) * 1_000) / 1_000;
      this.#accessLog.note(incoming, { status, bytes, whole, ms });
    }
  }

  noteRefusal(): void {
    this.#refused.add();
  }

  #now(): number {
    return this.stopwatch === undefined ? this.clock.now() : this.stopwatch();
  }
}
