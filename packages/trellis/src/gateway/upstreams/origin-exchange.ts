import type { Dispatcher } from "undici";
import { TrellisError } from "../../model/errors.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpstreamFailure } from "../exchange.ts";
import { answerHeaders } from "./answer-headers.ts";
import { interimAnswersMax } from "./limits.ts";
import { originFailure } from "./origin-failure.ts";

type Controller = Dispatcher.DispatchController;

/** An answer whose head waits for its body, if that comes in one piece: then it is passed on as a whole. */
interface WaitingHead {
  readonly status: number;
  readonly headers: HeaderList;
  readonly bodyBytes: number;
  body: Uint8Array | undefined;
}

/** Longer ones come in several pieces anyway. */
const wholeBytesMax = 65_536;

/** One request and its answer: undici's handler on one side, what the hop before holds on to on the other. */
export class OriginExchange implements Dispatcher.DispatchHandler, Forwarding {
  readonly #origin: string;
  readonly #request: GatewayRequest;
  readonly #sink: AnswerSink;
  #controller: Controller | undefined;
  #isOver = false;
  #interims = 0;
  #waiting: WaitingHead | undefined;

  constructor(origin: string, request: GatewayRequest, sink: AnswerSink) {
    this.#origin = origin;
    this.#request = request;
    this.#sink = sink;
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cut();
  }

  /** It has a connection: from now on it may have been seen by the origin. */
  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#isOver) this.#cut();
  }

  onResponseStart(controller: Controller, status: number): void {
    if (this.#isOver) return;
    const headers = answerHeaders((controller.rawHeaders ?? []) as Buffer[]);
    if (status < 200) {
      this.#interim(status, headers);
      return;
    }
    const bodyBytes = this.#lengthToWaitFor(headers);
    if (bodyBytes === undefined) this.#sink.head(status, headers);
    else this.#waiting = { status, headers, bodyBytes, body: undefined };
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#isOver) return;
    const waiting = this.#waiting;
    if (waiting && chunk.length === waiting.bodyBytes) {
      waiting.body = chunk;
      return;
    }
    if (waiting) this.#giveHead(waiting);
    if (!this.#sink.data(chunk) && !this.#isOver) controller.pause();
  }

  onResponseEnd(controller: Controller): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const trailers = controller.rawTrailers as Buffer[] | null | undefined;
    const waiting = this.#waiting;
    if (waiting?.body && !trailers?.length) {
      this.#sink.whole(waiting.status, waiting.headers, waiting.body);
      return;
    }
    if (waiting) this.#giveHead(waiting);
    if (waiting?.body) this.#sink.data(waiting.body);
    if (trailers?.length) this.#sink.end(answerHeaders(trailers));
    else this.#sink.end();
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    this.#fail(originFailure(error, this.#controller !== undefined, this.#request, this.#origin));
  }

  #interim(status: number, headers: HeaderList): void {
    this.#interims += 1;
    if (this.#interims <= interimAnswersMax) {
      this.#sink.interim(status, headers);
      return;
    }
    this.#fail({ reason: "invalid-answer", says: `${this.#origin}: more than ${interimAnswersMax} interim answers` });
    this.#cut();
  }

  /** Undefined: the head goes at once, since nobody knows how long the body takes, or there is none. */
  #lengthToWaitFor(headers: HeaderList): number | undefined {
    if (this.#request.method === "HEAD") return undefined;
    for (let at = 0; at < headers.length; at += 2)
      if (headers[at] === "content-length") {
        const bytes = Number(headers[at + 1]);
        return bytes > 0 && bytes <= wholeBytesMax ? bytes : undefined;
      }
    return undefined;
  }

  #giveHead({ status, headers }: WaitingHead): void {
    this.#waiting = undefined;
    this.#sink.head(status, headers);
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.fail(failure);
  }

  #cut(): void {
    this.#controller?.abort(new TrellisError("unavailable", { says: "The request was given up" }));
  }
}
