import type { Duplex } from "node:stream";
import type { AnswerSink, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";

/** Passes an answer on with some headers more. */
export class LimitedSink implements UpgradeSink {
  readonly #sink: AnswerSink & Partial<UpgradeSink>;
  readonly #more: HeaderList;

  constructor(sink: AnswerSink & Partial<UpgradeSink>, more: HeaderList) {
    this.#sink = sink;
    this.#more = more;
  }

  interim(status: number, headers: HeaderList): void {
    this.#sink.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    this.#sink.head(status, headers.concat(this.#more));
  }

  data(chunk: Uint8Array): boolean {
    return this.#sink.data(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#sink.end(trailers);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#sink.whole(status, headers.concat(this.#more), body);
  }

  fail(failure: UpstreamFailure): void {
    this.#sink.fail({ ...failure, headers: (failure.headers ?? []).concat(this.#more) });
  }

  switched(headers: HeaderList): Duplex {
    if (!this.#sink.switched) throw new TypeError("Only a request to switch protocols is answered so");
    return this.#sink.switched(headers);
  }
}
