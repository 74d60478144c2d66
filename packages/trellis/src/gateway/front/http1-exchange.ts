import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Timer } from "../../model/clock.ts";
import type { HeaderList } from "../exchange.ts";
import { ClientExchange } from "./client-exchange.ts";
import type { Connection } from "./connection.ts";
import type { FrontDesk } from "./front-desk.ts";
import type { FrontRequest } from "./front-request.ts";
import type { Incoming } from "./incoming.ts";
import { listenMsMin } from "./limits.ts";

/** How long a client that is still sending is listened to, so that it sees why nobody reads what it sends. */
export const lingerMs = 1_000;

/** A small body goes as text of the same bytes: node then writes it with the head at once, which costs a fifth less. */
const inOneStringBytesMax = 16_384;

/** A request of HTTP/1.1 and its answer. */
export class Http1Exchange extends ClientExchange {
  protected readonly connection: Connection;
  protected readonly request: FrontRequest;
  protected readonly response: ServerResponse<IncomingMessage>;
  /** Which request of its connection it is, from 1. */
  readonly #number: number;
  #begun = false;
  #saysClose = false;
  #closing = false;
  #lingering = false;
  #pausing = false;
  /** Until it is looked whether the client is still there. */
  #listening: Timer | undefined = undefined;
  #listenMs = listenMsMin;

  constructor(
    desk: FrontDesk,
    incoming: Incoming,
    connection: Connection,
    request: FrontRequest,
    response: ServerResponse<IncomingMessage>,
  ) {
    super(desk, incoming);
    this.connection = connection;
    this.request = request;
    this.response = response;
    connection.enter(this);
    this.#number = connection.count;
  }

  /** Somebody reads the body. */
  welcomeBody(): void {
    if (!this.headSent && !this.over) this.response.writeContinue();
  }

  /**
   * A socket that is not read does not tell that its client has left. So a piece more is read now and then, each time after
   * twice as long, so that little is kept of what nobody takes.
   */
  bodyStalls(): void {
    if (this.over) return;
    this.#listening ??= this.desk.clock.after(this.#listenMs, () => {
      this.#listening = undefined;
      this.#listenMs *= 2;
      this.request.readOn();
    });
  }

  bodyGoesOn(): void {
    this.#listening?.cancel();
    this.#listening = undefined;
    this.#listenMs = listenMsMin;
  }

  protected override watch(): void {
    // The connection tells when it closes.
  }

  protected override writeInterim(status: number, headers: HeaderList): void {
    if (this.incoming.version === "1.0") return;
    try {
      this.response.writeInformation(status, headers as string[]);
    } catch {
      // It has headers that cannot be written: nobody needs an interim answer.
    }
  }

  protected override writeHead(status: number, headers: string[]): boolean {
    try {
      this.response.writeHead(status, headers);
    } catch {
      return false;
    }
    process.nextTick(flushHead, this);
    return true;
  }

  /** Together with the body where that comes at once; otherwise now, since somebody may wait for the head alone. */
  flushHead(): void {
    if (!this.#begun && !this.over) this.response.flushHeaders();
  }

  protected override writeData(chunk: Uint8Array): boolean {
    this.#begun = true;
    const goesOn = this.response.write(chunk);
    if (!goesOn && !this.#pausing) {
      this.#pausing = true;
      this.response.on("drain", () => this.resume());
    }
    return goesOn;
  }

  protected override writeEnd(trailers: HeaderList | undefined): void {
    if (trailers !== undefined && trailers.length > 0) {
      const pairs: [string, string][] = [];
      for (let index = 0; index < trailers.length; index += 2)
        pairs.push([trailers[index] as string, trailers[index + 1] as string]);
      this.response.addTrailers(pairs);
    }
    this.response.end();
  }

  protected override writeWhole(status: number, headers: string[], body: Uint8Array | string, bytes: number): boolean {
    const { response } = this;
    try {
      response.writeHead(status, headers);
    } catch {
      return false;
    }
    if (this.#lingering) this.#linger(body);
    else if (body.length > inOneStringBytesMax) response.end(typeof body === "string" ? Buffer.from(body) : body);
    else response.end(latin1Of(body, bytes), "latin1");
    return true;
  }

  protected override writeSwitched(_headers: HeaderList): Duplex {
    throw new Error("A request that asks for no switch is not switched");
  }

  protected override cut(): void {
    const { socket } = this.connection;
    // Without a length or chunks only a reset tells that the end is none.
    if (this.connection.scheme === "http" && !socket.destroyed) socket.resetAndDestroy();
    else socket.destroy();
  }

  protected override closeAfter(listening: boolean): void {
    this.#closing = true;
    this.#lingering = listening;
  }

  override bodyIsWhole(): boolean {
    return this.request.complete;
  }

  protected override addOwnHeaders(headers: string[]): void {
    const { connection } = this;
    // What was asked for behind it is answered, too: the last answer is the one that closes.
    const ends = (this.desk.draining || connection.broken) && this.#number === connection.count;
    // A body that was never asked for may come or not: what follows it could not be told from it.
    if (!ends && !this.#closing && !this.request.awaited) return;
    headers.push("connection", "close");
    this.#saysClose = true;
    connection.ending = true;
  }

  protected override left(): void {
    const { connection } = this;
    this.#listening?.cancel();
    connection.leave(this);
    if (connection.socket.writableLength > 0) this.#awaitTaking();
    if (connection.broken && !this.#saysClose && this.#number === connection.count)
      this.response.once("finish", () => connection.socket.destroySoon());
  }

  /** Nobody is told any more when the client takes the rest. Node's timeout begins anew with each piece that it takes. */
  #awaitTaking(): void {
    const { socket } = this.connection;
    if (socket.destroyed) return;
    socket.setTimeout(this.desk.stalledMs);
    // Before node sets the time for which an idle connection is kept.
    this.response.prependOnceListener("finish", () => socket.setTimeout(0));
  }

  #linger(body: Uint8Array | string): void {
    const { response, connection } = this;
    response.write(typeof body === "string" ? Buffer.from(body) : body);
    const timer = this.desk.clock.after(lingerMs, () => response.end());
    connection.socket.once("close", () => timer.cancel());
  }
}

/** Node writes the head in the encoding of the text that follows it: in any other, what is not ASCII in it would change. */
function latin1Of(body: Uint8Array | string, bytes: number): string {
  if (typeof body === "string") return body.length === bytes ? body : Buffer.from(body).toString("latin1");
  return Buffer.from(body.buffer, body.byteOffset, bytes).toString("latin1");
}

function flushHead(exchange: Http1Exchange): void {
  exchange.flushHead();
}
