import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import { acceptedEncoding, compressBytesMin, isCompressible } from "../../../policies/http/accepted-encoding.ts";
import { over } from "../conversation-end.ts";
import { problemAnswer } from "../endpoint/problem.ts";
import type { RouteFigures } from "../endpoint/route-figures.ts";
import { header, isLive, isSocket, type WireAnswer, type WireSocket } from "../port.ts";
import { compress } from "./compression.ts";
import { etagOf, matchesEtag } from "./etag.ts";
import { EventWriter } from "./event-writer.ts";
import { receivedBytes } from "./received-bytes.ts";

/** Names and values in turn: the form that node writes out without looking them up. */
type Head = string[];

/** What says nothing where the content is left out. */
const ofContent = ["content-type", "content-encoding"];

/** Who is sent an answer. */
export interface Recipient {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Told when the answer has been handed to the connection, or its beginning where it lasts. */
  answered?(status: number, bytes: number): void;
  /** Told of more bytes of an answer that lasts. */
  sent?(bytes: number): void;
  /** The largest message that it may send in a conversation. */
  readonly messageBytesMax?: number;
}

/** Where conversations begin. */
export interface SocketOpener {
  /** Switches to a WebSocket and joins the client to the conversation. False where the request does not ask for that. */
  open(to: Recipient, conversation: WireSocket): boolean;
}

interface SenderParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Where answers are counted that belong to no route. */
  readonly others?: RouteFigures | undefined;
  /** Without it no request switches. */
  readonly sockets?: SocketOpener | undefined;
}

/** Sends answers over HTTP: conditional requests, compression, and the headers that every answer has. */
export class Sender {
  /** An instance that ends asks its clients to come back over another connection. */
  closing = false;
  answers = 0;
  /** Answers with a status of 500 and more. */
  failures = 0;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #others: RouteFigures | undefined;
  readonly #sockets: SocketOpener | undefined;

  constructor({ clock, log, others, sockets }: SenderParts) {
    this.#clock = clock;
    this.#log = log;
    this.#others = others;
    this.#sockets = sockets;
  }

  /** An answer to what is no route of a service. */
  sendOther(request: FastifyRequest, reply: FastifyReply, answer: WireAnswer): void {
    const others = this.#others;
    const answered = (status: number, bytes: number): void => others?.count(status, receivedBytes(request.raw), bytes);
    this.send(others ? { request, reply, answered } : { request, reply }, answer);
  }

  /** `last`: the connection ends with this answer. */
  send(to: Recipient, answer: WireAnswer, last = this.closing): void {
    const { request } = to;
    const { status, headers, body } = answer;
    if (isSocket(body)) {
      this.#converse(to, body, last);
      return;
    }
    this.answers += 1;
    if (status >= 500) this.failures += 1;
    const head: Head = [];
    for (const name in headers) head.push(name, headers[name] as string);
    head.push(header.requestId, request.id);
    if (last) head.push("connection", "close");
    if (body === "") {
      if (status !== 204 && request.method !== "HEAD") head.push("content-length", "0");
      write(to, status, head, undefined, 0);
      return;
    }
    // Its type is what it says. A page also keeps its address from the sites it links to.
    head.push("x-content-type-options", "nosniff");
    if (headers["content-type"]?.startsWith("text/html")) head.push("referrer-policy", "no-referrer");
    if (isLive(body)) this.#sendEvents(to, head, body);
    else if (typeof body !== "string" || body.length < compressBytesMin) sendWhole(to, answer, head, body);
    else sendLongText(to, answer, head, body);
  }

  #converse(to: Recipient, conversation: WireSocket, last: boolean): void {
    if (this.#sockets?.open(to, conversation)) {
      this.answers += 1;
      to.answered?.(101, 0);
      return;
    }
    conversation.end(over);
    const { status, headers, body } = problemAnswer(new TrellisError("upgrade-required"), to.request.id);
    const connection = last || !to.reply.raw.shouldKeepAlive ? "upgrade, close" : "upgrade";
    this.send(to, { status, headers: { ...headers, upgrade: "websocket", connection }, body }, false);
  }

  #sendEvents(to: Recipient, head: Head, events: AsyncIterable<string>): void {
    const { request, reply } = to;
    if (request.method === "HEAD") {
      // Nobody will hear the events: they would go on unheard for as long as the connection does.
      events[Symbol.asyncIterator]()
        .return?.()
        .catch(() => undefined);
      write(to, 200, head, undefined, 0);
      return;
    }
    for (let at = 0; at < head.length; at += 2) reply.header(head[at] as string, head[at + 1]);
    const brokeOff = (error: unknown): void =>
      this.#log.error("A stream of events broke off", { requestId: request.id, cause: error });
    reply.send(new EventWriter(events, this.#clock, brokeOff, (bytes) => to.sent?.(bytes)));
    to.answered?.(200, 0);
  }
}

/** Compressed where the client takes that. */
function sendLongText(to: Recipient, answer: WireAnswer, head: Head, body: string): void {
  const { request } = to;
  const compressible = isCompressible(answer.headers["content-type"]);
  if (compressible) head.push("vary", "accept-encoding");
  const encoding = compressible
    ? acceptedEncoding(request.headers["accept-encoding"] as string | undefined)
    : undefined;
  if (encoding === undefined) sendWhole(to, answer, head, body);
  // A weak tag: the same content in other bytes.
  else if (isKnown(request, answer, head, body, "W/")) writeNotModified(to, head);
  else
    compress(body, encoding, (error, compressed) => {
      if (!error) head.push("content-encoding", encoding);
      writeBody(to, answer.status, head, error ? body : compressed);
    });
}

function sendWhole(to: Recipient, answer: WireAnswer, head: Head, body: string | Uint8Array): void {
  if (isKnown(to.request, answer, head, body, "")) writeNotModified(to, head);
  else writeBody(to, answer.status, head, body);
}

/** Gives what can be asked for again a tag, and says whether the client has just that already. */
function isKnown(
  { method, headers: sent }: FastifyRequest,
  { status, headers }: WireAnswer,
  head: Head,
  body: string | Uint8Array,
  weakness: "" | "W/",
): boolean {
  if (status !== 200 || (method !== "GET" && method !== "HEAD") || headers["cache-control"] === "no-store")
    return false;
  const etag = headers.etag ?? `${weakness}"${etagOf(body)}"`;
  if (headers.etag === undefined) head.push("etag", etag);
  const known = sent["if-none-match"];
  return known !== undefined && matchesEtag(known, etag);
}

function writeNotModified(to: Recipient, head: Head): void {
  for (const name of ofContent) {
    const at = head.indexOf(name);
    if (at >= 0) head.splice(at, 2);
  }
  write(to, 304, head, undefined, 0);
}

function writeBody(to: Recipient, status: number, head: Head, body: string | Uint8Array): void {
  const bytes = Buffer.byteLength(body);
  head.push("content-length", String(bytes));
  write(to, status, head, body, to.request.method === "HEAD" ? 0 : bytes);
}

/** Past Fastify's own way to send, which looks at each header four times: 1.5 µs of an answer's 17. */
function write(to: Recipient, status: number, head: Head, body: string | Uint8Array | undefined, bytes: number): void {
  const { reply } = to;
  reply.hijack();
  reply.raw.writeHead(status, head);
  reply.raw.end(body);
  to.answered?.(status, headBytes(reply.raw) + bytes);
}

/** Of the head that was written, as node keeps it: to count it costs nothing, where adding up its parts would. */
function headBytes(response: object): number {
  return (response as { readonly _header?: string | null })._header?.length ?? 0;
}
