import type { FastifyReply, FastifyRequest } from "fastify";
import { TrellisError } from "../../../model/errors.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Exchange } from "../endpoint/exchange.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { RouteFigures } from "../endpoint/route-figures.ts";
import type { WireAnswer } from "../port.ts";
import { receivedBytes } from "./received-bytes.ts";
import type { Recipient, Sender } from "./sender.ts";

/** A request that came over HTTP, or over anything that feeds Fastify. */
export class HttpExchange extends Exchange implements Recipient {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly #sender: Sender;
  readonly #figures: RouteFigures | undefined;
  readonly #arrivedMs: number;

  constructor(request: FastifyRequest, reply: FastifyReply, endpoint: Endpoint, sender: Sender) {
    // Fastify's request has these fields under the same names; its body is text, as our parser leaves it.
    super(request as Incoming, request.id, endpoint.surroundings, endpoint.timeoutMs);
    this.request = request;
    this.reply = reply;
    this.#sender = sender;
    this.#figures = endpoint.figures;
    this.#arrivedMs = this.#figures?.arrived() ?? 0;
  }

  answered(status: number, bytes: number): void {
    this.#figures?.answered(this.#arrivedMs, status, receivedBytes(this.request.raw), bytes);
  }

  sent(bytes: number): void {
    this.#figures?.sent(bytes);
  }

  protected override late(): TrellisError {
    return this.request.raw.complete ? super.late() : new TrellisError("request-timeout");
  }

  protected override deliver(answer: WireAnswer): void {
    // The rest of a body that is still coming is not worth reading.
    const unread = !this.served && !this.request.raw.complete;
    this.#sender.send(this, answer, unread || this.#sender.closing);
  }

  protected override whenGone(tell: () => void): void {
    const { raw } = this.reply;
    raw.once("close", () => {
      if (!raw.writableFinished) tell();
    });
  }
}
