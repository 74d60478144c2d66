import type { Counter, Metrics } from "../../../model/metrics.ts";

/** What an instance counts about the spools of one stream. */
export class SpoolFigures {
  readonly #records: Counter;
  readonly #bytes: Counter;
  readonly #unlogged: Counter;
  readonly #forwarded: Counter;
  readonly #batches: Counter;

  constructor(metrics: Metrics, stream: { readonly service: string; readonly name: string }) {
    const labels = { service: stream.service, stream: stream.name };
    const counter = (name: string, help: string): Counter => metrics.counter(`trellis_spool_${name}`, help, labels);
    this.#records = counter("records_total", "Events written down before their answers left");
    this.#bytes = counter("bytes_total", "Bytes of the events written down");
    this.#unlogged = counter("unlogged_total", "Events that could not be written down");
    this.#forwarded = counter("forwarded_total", "Events brought from spools into the stream");
    this.#batches = counter("batches_total", "Batches in which events were brought into the stream");
  }

  written(records: number, bytes: number): void {
    this.#records.add(records);
    this.#bytes.add(bytes);
  }

  unlogged(records: number): void {
    this.#unlogged.add(records);
  }

  forwarded(records: number): void {
    this.#forwarded.add(records);
    this.#batches.add();
  }
}
