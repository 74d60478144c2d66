import type { Counter, Histogram, Metrics } from "../../../model/metrics.ts";
import { type StreamRow, streamLabel } from "./log-parts.ts";

/** What is counted of one consumer in this instance. */
export class ConsumerFigures {
  readonly handled: Counter;
  readonly failedBatches: Counter;
  readonly setAside: Counter;
  readonly seconds: Histogram;

  constructor(stream: StreamRow, group: string, metrics: Metrics) {
    const labels = { stream: streamLabel(stream), group };
    this.handled = metrics.counter("trellis_stream_handled_total", "Events handled, their offsets committed", labels);
    this.failedBatches = metrics.counter("trellis_stream_failed_batches_total", "Batches whose handler failed", labels);
    this.setAside = metrics.counter("trellis_stream_set_aside_total", "Events given up and set aside", labels);
    this.seconds = metrics.histogram("trellis_stream_batch_seconds", "What a handler took for a batch", labels);
  }
}
