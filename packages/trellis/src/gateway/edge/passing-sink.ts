import { type ForwardReason, forwardStatus } from "../../policies/http-cache/cache-status.ts";
import type { AnswerSink, GatewayRequest, HeaderList, UpstreamFailure } from "../exchange.ts";
import { withoutRoute } from "./route-counts.ts";

/** Passes on an answer that is not kept, and lets its head be seen. */
export class PassingSink implements AnswerSink {
  /** Somebody else keeps it. */
  stored = false;
  readonly #sink: AnswerSink;
  readonly #request: GatewayRequest;
  readonly #reason: ForwardReason;
  readonly #seen: ((status: number, headers: HeaderList) => void) | undefined;

  constructor(
    sink: AnswerSink,
    request: GatewayRequest,
    reason: ForwardReason,
    seen?: (status: number, headers: HeaderList) => void,
  ) {
    this.#sink = sink;
    this.#request = request;
    this.#reason = reason;
    this.#seen = seen;
  }

  interim(status: number, headers: HeaderList): void {
    this.#sink.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    this.#seen?.(status, withoutRoute(headers));
    this.#sink.head(status, this.#withStatus(headers));
  }

  data(chunk: Uint8Array): boolean {
    return this.#sink.data(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#sink.end(trailers);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#seen?.(status, withoutRoute(headers));
    this.#sink.whole(status, this.#withStatus(headers), body);
  }

  fail(failure: UpstreamFailure): void {
    this.#request.facts.cache = forwardStatus(this.#reason);
    this.#sink.fail(failure);
  }

  #withStatus(headers: HeaderList): HeaderList {
    const cacheStatus = forwardStatus(this.#reason, { stored: this.stored });
    this.#request.facts.cache = cacheStatus;
    return [...withoutRoute(headers), "cache-status", `trellis; ${cacheStatus}`];
  }
}
