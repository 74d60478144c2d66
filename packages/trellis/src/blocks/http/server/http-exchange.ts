import type { FastifyReply, FastifyRequest } from "fastify";
import { edgeRefreshHeader } from "../../../model/edge-event.ts";
import { TrellisError } from "../../../model/errors.ts";
import { type RequestClient, unknownClient } from "../../../model/request-client.ts";
import { gatewayPeer, type TrustedProxies } from "../../../policies/http/trusted-proxies.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Exchange } from "../endpoint/exchange.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { RouteFigures } from "../endpoint/route-figures.ts";
import { header, type WireAnswer } from "../port.ts";
import { receivedBytes } from "./received-bytes.ts";
import type { Recipient, Sender } from "./sender.ts";

/** What all requests over HTTP come in by and go out by. */
export interface Door {
  readonly sender: Sender;
  readonly proxies: TrustedProxies;
}

/** A request that came over HTTP, or over anything that feeds Fastify. */
export class HttpExchange extends Exchange implements Recipient {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly messageBytesMax: number;
  readonly #door: Door;
  readonly #figures: RouteFigures | undefined;
  readonly #arrivedMs: number;

  constructor(request: FastifyRequest, reply: FastifyReply, endpoint: Endpoint, door: Door) {
    // Fastify's request has these fields under the same names; its body is text, as our parser leaves it.
    super(request as Incoming, request.id, endpoint.surroundings, endpoint.timeoutMs);
    this.request = request;
    this.reply = reply;
    this.messageBytesMax = endpoint.bodyBytesMax;
    this.#door = door;
    this.#figures = endpoint.figures;
    this.#arrivedMs = this.#figures?.arrived() ?? 0;
  }

  override get refreshes(): boolean {
    return this.incoming.headers[edgeRefreshHeader] !== undefined && cameByFrames(this.request);
  }

  override get ip(): string {
    return this.#door.proxies.callerOf(this.request.raw);
  }

  override get client(): RequestClient {
    const { clients } = this.surroundings;
    // The address of a call between services is another instance's.
    if (!clients || this.incoming.headers[header.from] !== undefined) return unknownClient;
    return clients.of(this.ip, this.header("user-agent") ?? "", this.startMs);
  }

  answered(status: number, bytes: number): void {
    this.#figures?.answered(this.#arrivedMs, status, receivedBytes(this.request.raw), bytes);
  }

  sent(bytes: number): void {
    this.#figures?.sent(bytes);
  }

  protected override sentTo(): string {
    return this.#door.proxies.originOf(this.request.raw);
  }

  protected override late(): TrellisError {
    return this.request.raw.complete ? super.late() : new TrellisError("request-timeout");
  }

  protected override deliver(answer: WireAnswer): void {
    // The rest of a body that is still coming is not worth reading.
    const unread = !this.served && !this.request.raw.complete;
    const { sender } = this.#door;
    sender.send(this, answer, unread || sender.closing);
  }

  protected override whenGone(tell: () => void): void {
    const { raw } = this.reply;
    raw.once("close", () => {
      if (!raw.writableFinished) tell();
    });
  }
}

/** The gateway has taken the header away from what clients send: there it is its own word. */
function cameByFrames({ raw: { socket } }: FastifyRequest): boolean {
  return socket.remoteAddress === gatewayPeer;
}
