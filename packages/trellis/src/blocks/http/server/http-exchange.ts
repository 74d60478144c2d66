import type { FastifyReply, FastifyRequest } from "fastify";
import { TrellisError } from "../../../model/errors.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Exchange } from "../endpoint/exchange.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { WireAnswer } from "../port.ts";
import type { Sender } from "./sender.ts";

/** A request that came over HTTP, or over anything that feeds Fastify. */
export class HttpExchange extends Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly #sender: Sender;

  constructor(request: FastifyRequest, reply: FastifyReply, endpoint: Endpoint, sender: Sender) {
    // Fastify's request has these fields under the same names; its body is text, as our parser leaves it.
    super(request as Incoming, request.id, endpoint.surroundings, endpoint.timeoutMs);
    this.request = request;
    this.reply = reply;
    this.#sender = sender;
  }

  protected override late(): TrellisError {
    return this.request.raw.complete ? super.late() : new TrellisError("request-timeout");
  }

  protected override deliver(answer: WireAnswer): void {
    // The rest of a body that is still coming is not worth reading.
    const unread = !this.served && !this.request.raw.complete;
    this.#sender.send(this.request, this.reply, answer, unread || this.#sender.closing);
  }

  protected override whenGone(tell: () => void): void {
    const { raw } = this.reply;
    raw.once("close", () => {
      if (!raw.writableFinished) tell();
    });
  }
}
