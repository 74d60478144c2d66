import type { Counter, Histogram, Metrics } from "../../../model/metrics.ts";
import type { Ending } from "./ending.ts";

/** `lost`: to another worker, since this one had been silent for too long. */
export type Outcome = Ending["kind"] | "lost";

const outcomes: readonly Outcome[] = ["done", "retried", "dead", "cancelled", "released", "lost"];

/** What is counted of one queue on this instance. */
export class JobFigures {
  readonly #counters: ReadonlyMap<Outcome, Counter>;
  readonly #durations: Histogram;

  constructor(metrics: Metrics, queue: string) {
    this.#counters = new Map(
      outcomes.map((outcome) => [
        outcome,
        metrics.counter("trellis_queue_jobs_total", "Attempts at jobs, by what became of them", { queue, outcome }),
      ]),
    );
    this.#durations = metrics.histogram("trellis_queue_job_duration_seconds", "How long attempts took", { queue });
  }

  count(outcome: Outcome, count = 1): void {
    if (count > 0) this.#counters.get(outcome)?.add(count);
  }

  measure(ms: number): void {
    this.#durations.record(ms / 1_000);
  }
}
