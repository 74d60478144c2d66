import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { TrellisError } from "../../model/errors.ts";
import { type UnreadableBytes, unreadableCode } from "../../policies/http/unreadable.ts";
import type { Connection, FrontSocket } from "./connection.ts";
import type { FrontDesk } from "./front-desk.ts";
import { FrontRequest } from "./front-request.ts";
import { Http1Exchange, lingerMs } from "./http1-exchange.ts";
import { Http1Upgrade, rawAnswer } from "./http1-upgrade.ts";
import type { Incoming } from "./incoming.ts";
import { ownAnswer } from "./own-answer.ts";
import type { FrontTimeouts } from "./port.ts";

type Request = InstanceType<typeof FrontRequest>;
type Response = ServerResponse<IncomingMessage>;

/** The options of a server of node's that passes its requests to a `Http1Listener`. */
export function http1Options(headersBytesMax: number, timeouts: FrontTimeouts): ServerOptions<typeof FrontRequest> {
  return {
    IncomingMessage: FrontRequest,
    maxHeaderSize: headersBytesMax,
    headersTimeout: timeouts.headMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.lookEveryMs,
    // Requests without a body skip the machinery of streams, which is a tenth of their cost.
    optimizeEmptyRequests: true,
    // Whoever sends none is told so as with every other mistake.
    requireHostHeader: false,
    shouldUpgradeCallback: maySwitch,
    noDelay: true,
  };
}

/**
 * A request to switch is one by itself: a body behind it could be taken for the other protocol. HTTP/2 begun this way is
 * deprecated (RFC 9113, section 3.1), and clients that offer it are served all the same.
 */
function maySwitch({ method, headers }: IncomingMessage): boolean {
  if (method !== "GET" || headers.upgrade?.toLowerCase() === "h2c") return false;
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

interface Emitter {
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** Takes the requests of HTTP/1.1 that a server of node's has parsed, plain or over TLS. */
export class Http1Listener {
  readonly #desk: FrontDesk;
  readonly #headersBytesMax: number;

  constructor(desk: FrontDesk, headersBytesMax: number) {
    this.#desk = desk;
    this.#headersBytesMax = headersBytesMax;
  }

  /** Feeds on the server's events. Its sockets are those of a `Connection`. */
  listenTo(server: Emitter): void {
    const onRequest = (request: Request, response: Response): void => this.#take(request, response);
    server.on("request", onRequest);
    server.on("checkContinue", onRequest);
    server.on("upgrade", (request: Request, socket: Duplex, head: Buffer) => this.#takeUpgrade(request, socket, head));
    server.on("connect", (_: Request, socket: Duplex) => this.#refuseTunnel(socket));
    server.on("clientError", (error: Error, socket: Duplex) => this.#refuseBytes(error, socket));
  }

  #take(request: Request, response: Response): void {
    const connection = (request.socket as FrontSocket).front;
    if (connection.ending) return;
    const incoming = this.#read(request, connection);
    const exchange = new Http1Exchange(this.#desk, incoming, connection, request, response);
    // An idle connection keeps its last request.
    request.lean = undefined;
    const refusal = this.#desk.reader.refusalOf(incoming);
    if (incoming.hasBody) this.#expectBody(request, incoming, exchange);
    if (refusal === undefined) exchange.forward();
    else exchange.refuse(refusal);
  }

  #takeUpgrade(request: Request, socket: Duplex, head: Uint8Array): void {
    const connection = (socket as FrontSocket).front;
    const incoming = this.#read(request, connection);
    const exchange = new Http1Upgrade(this.#desk, incoming, connection, request, head);
    const refusal = this.#desk.reader.refusalOf(incoming);
    if (refusal !== undefined) return void exchange.refuse(refusal);
    incoming.headers = [...incoming.headers, "upgrade", incoming.upgrade ?? ""];
    exchange.forwardUpgrade();
  }

  #read(request: Request, connection: Connection): Incoming {
    const { method = "", url = "", httpVersion, rawHeaders } = request;
    return this.#desk.reader.read(method, url, httpVersion, rawHeaders, connection);
  }

  #expectBody(request: Request, incoming: Incoming, exchange: Http1Exchange): void {
    incoming.body = request;
    request.exchange = exchange;
    request.room = this.#desk.bodyBytesMax;
    request.awaited = incoming.expectsContinue && incoming.version === "1.1";
  }

  #refuseTunnel(socket: Duplex): void {
    socket.on("error", () => undefined);
    this.#endWith(socket, new TrellisError("not-implemented", { says: "The gateway does not take CONNECT" }));
  }

  /** What the parser refused is a part of the request before it, or never became one. */
  #refuseBytes(error: Error & UnreadableBytes, socket: Duplex): void {
    const connection = (socket as FrontSocket).front as Connection | undefined;
    if (connection?.broken || connection?.ending) return;
    if (connection === undefined || error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    connection.broken = true;
    const refusal = new TrellisError(unreadableCode(error, this.#headersBytesMax));
    const { last } = connection;
    if (last === undefined) this.#endWith(socket, refusal);
    else if (!last.bodyIsWhole()) last.refuse(refusal);
    // Otherwise those before it get their answers, the last of which closes the connection.
  }

  #endWith(socket: Duplex, error: TrellisError): void {
    this.#desk.noteRefusal();
    const { status, headers, body } = ownAnswer(error, undefined, "");
    socket.end(rawAnswer(status, headers, body), "latin1");
    // Whoever does not close its own side is not waited for.
    const timer = this.#desk.clock.after(lingerMs, () => socket.destroy());
    socket.once("close", () => timer.cancel());
  }
}
