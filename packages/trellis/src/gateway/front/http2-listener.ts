import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Random } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Connection } from "./connection.ts";
import type { FrontDesk } from "./front-desk.ts";
import { Http2Body } from "./http2-body.ts";
import { Http2Exchange } from "./http2-exchange.ts";
import type { Incoming } from "./incoming.ts";

/** Takes the requests of a session of HTTP/2. */
export class Http2Listener {
  readonly #desk: FrontDesk;
  readonly #random: Random;
  readonly #keepAliveMs: number;

  constructor(desk: FrontDesk, random: Random, keepAliveMs: number) {
    this.#desk = desk;
    this.#random = random;
    this.#keepAliveMs = keepAliveMs;
  }

  listenTo(session: ServerHttp2Session, connection: Connection): void {
    session.on("stream", (stream, headers, _flags, rawHeaders) => this.#take(connection, stream, headers, rawHeaders));
    // What breaks a session is told to its streams by their end.
    session.on("error", () => session.destroy());
    session.setTimeout(this.#keepAliveMs, () => {
      if (!connection.busy) session.close();
    });
  }

  #take(
    connection: Connection,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    const switches = headers[":method"] === "CONNECT" && typeof headers[":protocol"] === "string";
    const incoming = this.#read(connection, headers, rawHeaders, switches);
    const exchange = new Http2Exchange(this.#desk, incoming, connection, stream);
    stream.on("error", () => exchange.gone());
    stream.once("close", () => exchange.gone());
    const refusal = this.#refusalOf(incoming, headers);
    if (refusal !== undefined) return void exchange.refuse(refusal);
    if (switches) return void this.#switch(exchange, incoming, String(headers[":protocol"]));
    if (!stream.endAfterHeaders) incoming.body = this.#bodyOf(stream, incoming, exchange);
    exchange.forward();
  }

  #read(
    connection: Connection,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    switches: boolean,
  ): Incoming {
    const { ":method": method = "", ":path": path = "", ":authority": authority } = headers;
    let first = 0;
    while (rawHeaders[first]?.startsWith(":")) first += 2;
    const fields = rawHeaders.slice(first);
    // The pseudo-header replaces `host` (RFC 9113, section 8.3.1); where both are, they are compared below.
    const named = authority === undefined || headers.host !== undefined ? fields : ["host", authority, ...fields];
    return this.#desk.reader.read(switches ? "GET" : method, path, "2", named, connection);
  }

  #refusalOf(incoming: Incoming, headers: IncomingHttpHeaders): TrellisError | undefined {
    const { ":authority": authority, host } = headers;
    if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
      return new TrellisError("malformed-request", { says: "There are two hosts" });
    if (incoming.hosts === 0) return new TrellisError("malformed-request", { says: "There is no host" });
    return this.#desk.reader.refusalOf(incoming);
  }

  #bodyOf(stream: ServerHttp2Stream, incoming: Incoming, exchange: Http2Exchange): Http2Body {
    return new Http2Body(stream, this.#desk.bodyBytesMax, {
      begun: () => {
        if (incoming.expectsContinue && !stream.headersSent && !stream.destroyed)
          stream.additionalHeaders({ ":status": 100 });
      },
      tooLarge: () => exchange.refuse(new TrellisError("body-too-large")),
    });
  }

  /** RFC 8441: to the origin it is the same as from HTTP/1.1, where each side proves by a key that it means it. */
  #switch(exchange: Http2Exchange, incoming: Incoming, protocol: string): void {
    incoming.upgrade = protocol;
    const key = Buffer.from(Array.from({ length: 16 }, () => Math.floor(this.#random() * 256)));
    const proof = protocol === "websocket" ? ["sec-websocket-key", key.toString("base64")] : [];
    incoming.headers = [...incoming.headers, "upgrade", protocol, ...proof];
    exchange.forwardUpgrade();
  }
}
