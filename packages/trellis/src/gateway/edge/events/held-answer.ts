import type { AnswerSink, Forwarding, HeaderList } from "../../exchange.ts";

/** An answer that waits until what is to be written down before it leaves is written. */
export class HeldAnswer implements Forwarding {
  #sink: Pick<AnswerSink, "whole"> | undefined;
  #status = 0;
  #headers: HeaderList = none;
  #body: Uint8Array | string = "";

  constructor(sink: Pick<AnswerSink, "whole">) {
    this.#sink = sink;
  }

  get status(): number {
    return this.#status;
  }

  /** What will be given. */
  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#status = status;
    this.#headers = headers;
    this.#body = body;
  }

  /** Gives it, unless the client has left. */
  leave(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.whole(this.#status, this.#headers, this.#body);
  }

  resume(): void {
    // It goes in one piece.
  }

  abort(): void {
    this.#sink = undefined;
  }
}

const none: HeaderList = [];
