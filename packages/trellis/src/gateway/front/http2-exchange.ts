import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { HeaderList } from "../exchange.ts";
import { ClientExchange } from "./client-exchange.ts";
import type { Connection } from "./connection.ts";
import type { FrontDesk } from "./front-desk.ts";
import type { Incoming } from "./incoming.ts";

/** RFC 9113, section 7. */
const internalError = 0x2;
const noError = 0x0;

/** A request of HTTP/2 and its answer. */
export class Http2Exchange extends ClientExchange {
  readonly #connection: Connection;
  readonly #stream: ServerHttp2Stream;
  #pausing = false;
  #trailers: HeaderList | undefined = undefined;

  constructor(desk: FrontDesk, incoming: Incoming, connection: Connection, stream: ServerHttp2Stream) {
    super(desk, incoming);
    this.#connection = connection;
    this.#stream = stream;
    connection.enter(this);
  }

  override bodyIsWhole(): boolean {
    return !this.incoming.hasBody || this.#stream.readableEnded || this.#stream.endAfterHeaders;
  }

  protected override watch(): void {
    // The stream's end is told to whoever opened it.
  }

  protected override writeInterim(status: number, headers: HeaderList): void {
    if (this.#stream.destroyed) return;
    try {
      this.#stream.additionalHeaders({ ":status": status, ...asRecord(headers) });
    } catch {
      // It has headers that cannot be written: nobody needs an interim answer.
    }
  }

  protected override writeHead(status: number, headers: string[]): boolean {
    return this.#respond(status, headers, false);
  }

  protected override writeData(chunk: Uint8Array): boolean {
    const stream = this.#stream;
    if (stream.writableEnded || stream.destroyed) return true;
    const goesOn = stream.write(chunk);
    if (!goesOn && !this.#pausing) {
      this.#pausing = true;
      stream.on("drain", () => this.resume());
    }
    return goesOn;
  }

  protected override writeEnd(trailers: HeaderList | undefined): void {
    this.#trailers = trailers;
    this.#end(undefined);
  }

  protected override writeWhole(status: number, headers: string[], body: Uint8Array | string): boolean {
    const bare = body.length === 0;
    if (!this.#respond(status, headers, bare)) return false;
    this.#end(bare ? undefined : body);
    return true;
  }

  /** RFC 8441: what HTTP/1.1 calls 101 is 200 here, and the stream is the connection. */
  protected override writeSwitched(headers: HeaderList): Duplex {
    const kept: string[] = [];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (name === "connection" || name === "upgrade" || name === "sec-websocket-accept") continue;
      kept.push(name, headers[index + 1] as string);
    }
    this.#respond(200, kept, false);
    return this.#stream;
  }

  protected override cut(): void {
    if (!this.#stream.destroyed) this.#stream.close(internalError);
  }

  protected override closeAfter(): void {
    // Only the stream ends: what is wrong with one says nothing of the others.
  }

  protected override addOwnHeaders(): void {
    // What the connection needs to know it is told by frames.
  }

  protected override isMisdirected(): boolean {
    const { servername } = this.#connection.socket as { servername?: string | false };
    const host = this.incoming.authority.replace(/:\d*$/, "");
    return typeof servername === "string" && servername !== "" && servername.toLowerCase() !== host;
  }

  protected override left(): void {
    this.#connection.leave(this);
  }

  #respond(status: number, headers: readonly string[], endStream: boolean): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return true;
    try {
      const waitForTrailers = !endStream && this.incoming.method !== "HEAD" && status !== 204 && status !== 304;
      stream.respond([":status", String(status), ...headers], { endStream, waitForTrailers });
      if (waitForTrailers) stream.once("wantTrailers", () => this.#sendTrailers());
      return true;
    } catch {
      return false;
    }
  }

  #end(body: Uint8Array | string | undefined): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    if (!stream.writableEnded) stream.end(body);
    // Nobody reads the rest of a body when its answer is given (RFC 9113, section 8.1).
    if (!this.bodyIsWhole()) stream.close(noError);
  }

  #sendTrailers(): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    try {
      stream.sendTrailers(asRecord(this.#trailers ?? []));
    } catch {
      stream.close(internalError);
    }
  }
}

/** A repeated header is a list. */
function asRecord(headers: HeaderList): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const before = record[name];
    if (before === undefined) record[name] = value;
    else record[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return record;
}
