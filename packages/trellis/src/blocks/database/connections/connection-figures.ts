import { LRUCache } from "lru-cache";
import type { Stopwatch } from "../../../model/clock.ts";
import type { Counter, Histogram, Metrics } from "../../../model/metrics.ts";
import { namesMax, statementsMax } from "./limits.ts";
import { statementName } from "./statement-name.ts";

/** From 100 µs to 6.6 s, each four times the one before: there are many statements, so each has few. */
const statementBuckets = Array.from({ length: 9 }, (_, index) => (4 ** index * 100) / 1e6);

/** What is measured of one service's statements and of its waiting for connections. */
export class ConnectionFigures {
  readonly now: Stopwatch;
  readonly #metrics: Metrics;
  readonly #service: string;
  readonly #failures: Counter;
  readonly #waits: Histogram;
  readonly #byText = new LRUCache<string, Histogram>({ max: statementsMax });
  readonly #byName = new Map<string, Histogram>();

  constructor(metrics: Metrics, service: string, now: Stopwatch) {
    this.now = now;
    this.#metrics = metrics;
    this.#service = service;
    this.#failures = metrics.counter("trellis_database_failures_total", "Statements that failed.", { service });
    this.#waits = metrics.histogram(
      "trellis_database_pool_wait_seconds",
      "The wait for a connection of the pool, or for a new one.",
      { service },
    );
  }

  /** A statement that was sent at `sentMs` has its answer. */
  answered(text: string, sentMs: number): void {
    let histogram = this.#byText.get(text);
    if (histogram === undefined) {
      histogram = this.#named(statementName(text));
      this.#byText.set(text, histogram);
    }
    histogram.record((this.now() - sentMs) / 1_000);
  }

  failed(): void {
    this.#failures.add();
  }

  /** A connection was asked for at `askedMs`, and is there or will not be. */
  waited(askedMs: number): void {
    this.#waits.record((this.now() - askedMs) / 1_000);
  }

  #named(name: string): Histogram {
    const bounded = this.#byName.has(name) || this.#byName.size < namesMax ? name : "other";
    const known = this.#byName.get(bounded);
    if (known) return known;
    const made = this.#metrics.histogram(
      "trellis_database_statement_seconds",
      "From sending a statement to its answer, those before it on the same connection included.",
      { service: this.#service, statement: bounded },
      statementBuckets,
    );
    this.#byName.set(bounded, made);
    return made;
  }
}
