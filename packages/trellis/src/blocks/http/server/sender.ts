import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import { header, type WireAnswer } from "../port.ts";
import { acceptedEncoding, compress, compressBytesMin, isCompressible } from "./compression.ts";
import { etagOf, matchesEtag } from "./etag.ts";
import { EventWriter } from "./event-writer.ts";

/** Sends answers over HTTP: conditional requests, compression, and the headers that every answer has. */
export class Sender {
  /** An instance that ends asks its clients to come back over another connection. */
  closing = false;
  answers = 0;
  /** Answers with a status of 500 and more. */
  failures = 0;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  send(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: WireAnswer): void {
    this.answers += 1;
    if (status >= 500) this.failures += 1;
    if (status !== 200) reply.code(status);
    for (const name in headers) reply.header(name, headers[name]);
    reply.header(header.requestId, request.id);
    if (this.closing) reply.header("connection", "close");
    if (typeof body !== "string") {
      secure(reply, headers["content-type"]);
      if (request.method === "HEAD") sendHeadAlone(reply, body);
      else reply.send(new EventWriter(body, this.#clock, (error) => this.#brokeOff(request, error)));
    } else if (body === "") reply.send();
    else {
      secure(reply, headers["content-type"]);
      const etag =
        status === 200 && isRead(request.method) && headers["cache-control"] !== "no-store" ? etagOf(body) : undefined;
      if (body.length < compressBytesMin) this.#sendPlain(request, reply, body, etag);
      else this.#sendLong(request, reply, body, etag, headers["content-type"]);
    }
  }

  #sendPlain(request: FastifyRequest, reply: FastifyReply, body: string | Buffer, etag: string | undefined): void {
    if (etag !== undefined) {
      reply.header("etag", `"${etag}"`);
      if (isNotModified(request, etag)) {
        sendNotModified(reply);
        return;
      }
    }
    reply.send(body);
  }

  #sendLong(
    request: FastifyRequest,
    reply: FastifyReply,
    body: string,
    etag: string | undefined,
    contentType: string | undefined,
  ): void {
    const compressible = isCompressible(contentType);
    if (compressible) reply.header("vary", "accept-encoding");
    const encoding = compressible
      ? acceptedEncoding(request.headers["accept-encoding"] as string | undefined)
      : undefined;
    if (encoding === undefined) {
      this.#sendPlain(request, reply, body, etag);
      return;
    }
    if (etag !== undefined) {
      // Weak: the same content in other bytes.
      reply.header("etag", `W/"${etag}"`);
      if (isNotModified(request, etag)) {
        sendNotModified(reply);
        return;
      }
    }
    compress(body, encoding, (error, compressed) => {
      if (!error) reply.header("content-encoding", encoding);
      reply.send(error ? body : compressed);
    });
  }

  #brokeOff(request: FastifyRequest, error: unknown): void {
    this.#log.error("A stream of events broke off", { requestId: request.id, cause: error });
  }
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function isNotModified(request: FastifyRequest, etag: string): boolean {
  const sent = request.headers["if-none-match"];
  return sent !== undefined && matchesEtag(sent, etag);
}

function sendNotModified(reply: FastifyReply): void {
  reply.removeHeader("content-type");
  reply.code(304).send();
}

/** Nobody will hear the events: they would go on unheard for as long as the connection does. */
function sendHeadAlone(reply: FastifyReply, events: AsyncIterable<string>): void {
  events[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
  reply.send();
}

/** For answers with a body: its type is what it says. A page also keeps its address from the sites it links to. */
function secure(reply: FastifyReply, contentType: string | undefined): void {
  reply.header("x-content-type-options", "nosniff");
  if (contentType?.startsWith("text/html")) reply.header("referrer-policy", "no-referrer");
}
