import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { brokenFrames } from "../../../../frames/broken-frames.ts";
import { windowBytes } from "../../../../frames/limits.ts";
import type { FramesSocket } from "./frames-socket.ts";

/** A request as it came: what both kinds of request show of it, under node's names. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: string[];
  readonly headers: IncomingHttpHeaders;
  readonly socket: FramesSocket;
}

/** The request's response, as far as the request needs it. */
export interface RequestOwner {
  /** Ends both, and tells the gateway. */
  destroy(error?: Error): unknown;
  /** So many bytes of the body have been taken. */
  took(bytes: number): void;
}

/** Node's `IncomingMessage` for a request without a body, without the machinery of a stream. */
export class BodilessRequest extends EventEmitter implements RequestHead {
  readonly method: string;
  url: string;
  readonly rawHeaders: string[];
  readonly headers: IncomingHttpHeaders;
  readonly socket: FramesSocket;
  readonly httpVersion = "1.1";
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly complete = true;
  aborted = false;
  destroyed = false;
  readableEnded = false;
  owner: RequestOwner | undefined = undefined;

  constructor({ method, url, rawHeaders, headers, socket }: RequestHead) {
    super();
    this.method = method;
    this.url = url;
    this.rawHeaders = rawHeaders;
    this.headers = headers;
    this.socket = socket;
  }

  get connection(): FramesSocket {
    return this.socket;
  }

  get trailers(): Record<string, string> {
    return {};
  }

  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    super.on(event, listener as (...args: unknown[]) => void);
    return event === "data" ? this.resume() : this;
  }

  /** Its end comes at once. */
  resume(): this {
    if (this.readableEnded) return this;
    this.readableEnded = true;
    process.nextTick(() => this.emit("end"));
    return this;
  }

  pause(): this {
    return this;
  }

  read(): null {
    return null;
  }

  setEncoding(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  pipe<T extends { end(): unknown }>(destination: T): T {
    destination.end();
    return destination;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<never> {}

  destroy(error?: Error): this {
    this.owner?.destroy(error);
    return this;
  }

  /** Its response is over, or nobody waits for it. */
  settle(aborted: boolean): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.aborted = aborted;
    if (aborted) this.emit("aborted");
    this.emit("close");
  }
}

/** Node's `IncomingMessage` for a request with a body. */
export class BodyRequest extends Readable implements RequestHead {
  readonly method: string;
  url: string;
  readonly rawHeaders: string[];
  readonly headers: IncomingHttpHeaders;
  readonly socket: FramesSocket;
  readonly httpVersion = "1.1";
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly trailers: Record<string, string> = {};
  /** All of its body has come. */
  complete = false;
  owner: RequestOwner | undefined = undefined;
  /** Bytes that came and for which no new credit was given. */
  #owed = 0;
  #isAborted = false;
  #isClosed = false;

  constructor({ method, url, rawHeaders, headers, socket }: RequestHead) {
    super({ autoDestroy: false });
    this.method = method;
    this.url = url;
    this.rawHeaders = rawHeaders;
    this.headers = headers;
    this.socket = socket;
  }

  get connection(): FramesSocket {
    return this.socket;
  }

  get aborted(): boolean {
    return this.#isAborted;
  }

  setTimeout(): this {
    return this;
  }

  receive(chunk: Buffer): void {
    if (this.complete) throw brokenFrames("A body goes on after its end");
    this.#owed += chunk.length;
    if (this.#owed > windowBytes) throw brokenFrames("The gateway sent more than it had credit for");
    if (!this.destroyed) this.push(chunk);
  }

  /** All of its body has come. */
  receivedAll(): void {
    this.complete = true;
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    if (this.#owed < windowBytes / 4 || this.complete) return;
    this.owner?.took(this.#owed);
    this.#owed = 0;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isClosed) this.owner?.destroy();
    // Without a listener it would end the process.
    done(this.listenerCount("error") > 0 ? error : null);
  }

  /** Its response is over, or nobody waits for it. */
  settle(aborted: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.destroyed) return;
    if (!aborted || this.complete) {
      this.destroy();
      return;
    }
    this.#isAborted = true;
    this.emit("aborted");
    this.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
  }
}
