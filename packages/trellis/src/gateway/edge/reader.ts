import type { AnswerSink, Forwarding, GatewayRequest } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { HeldAnswer } from "./events/held-answer.ts";

/** What a reader waits for. */
export interface Read {
  /** The reader takes more. */
  resumed(reader: Reader): void;
  /** The reader wants no more. */
  left(reader: Reader): void;
}

/** One client that waits for an answer that is on its way, perhaps with others. */
export class Reader implements Forwarding {
  readonly request: GatewayRequest;
  readonly sink: AnswerSink;
  readonly asked: Asked;
  /** It came when the origin had been asked already. */
  collapsed = false;
  /** Undefined once it has all it will get. */
  of: Read | undefined = undefined;
  /** How many chunks it was given. */
  position = 0;
  paused = false;
  /** Its whole answer, which leaves at the end of this turn. */
  held: HeldAnswer | undefined = undefined;

  constructor(request: GatewayRequest, sink: AnswerSink, asked: Asked) {
    this.request = request;
    this.sink = sink;
    this.asked = asked;
  }

  resume(): void {
    this.paused = false;
    this.of?.resumed(this);
  }

  abort(): void {
    const of = this.of;
    this.of = undefined;
    of?.left(this);
    this.held?.abort();
  }
}
