import { brokenFrames } from "../../../../frames/broken-frames.ts";
import { frameKind } from "../../../../frames/frame-kind.ts";
import type { FrameWriter } from "../../../../frames/frame-writer.ts";
import { dataBytesMax, windowBytes } from "../../../../frames/limits.ts";
import type { BodilessRequest, BodyRequest } from "./frames-request.ts";
import type { FramesSocket } from "./frames-socket.ts";
import { type HeaderValue, nodeError, withHeader } from "./head-text.ts";
import { ResponseHead } from "./response-head.ts";

/** The connection that a response goes out by. */
export interface ResponsePlace {
  readonly writer: FrameWriter;
  /** All of it has been written: tell it when that has left. */
  written(response: FramesResponse): void;
  /** Neither side sends anything more of it. */
  release(response: FramesResponse): void;
}

type Done = (error?: Error | null) => void;

/** Longer texts are encoded first, so that they can be sent in pieces. */
const textCharactersMax = 8_192;

/**
 * Node's `ServerResponse`, written as frames: what Fastify, its plugins and streams that are piped into it use. An answer
 * that is there at once leaves as one frame.
 */
export class FramesResponse extends ResponseHead {
  readonly req: BodilessRequest | BodyRequest;
  readonly id: number;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  closed = false;
  errored: Error | null = null;
  readonly #place: ResponsePlace;
  #headSent = false;
  #trailers = "";
  /** Bytes that the gateway still takes. */
  #window = windowBytes;
  /** What waits for the gateway to take more. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #drainWanted = false;

  constructor(request: BodilessRequest | BodyRequest, id: number, place: ResponsePlace) {
    super();
    this.req = request;
    this.id = id;
    this.#place = place;
    request.owner = this;
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  get writable(): boolean {
    return !this.writableEnded && !this.destroyed;
  }

  get writableLength(): number {
    return this.#queuedBytes;
  }

  get writableHighWaterMark(): number {
    return windowBytes;
  }

  get writableNeedDrain(): boolean {
    return this.#drainWanted;
  }

  get socket(): FramesSocket {
    return this.req.socket;
  }

  get connection(): FramesSocket {
    return this.req.socket;
  }

  flushHeaders(): void {
    if (this.destroyed || this.#headSent) return;
    this.#sendHead();
  }

  write(chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const told = typeof encoding === "function" ? encoding : done;
    if (this.writableEnded) {
      const error = nodeError("ERR_STREAM_WRITE_AFTER_END", "write after end");
      if (told) process.nextTick(told, error);
      return false;
    }
    if (this.destroyed) return false;
    if (!this.#headSent) this.#sendHead();
    if (told) process.nextTick(told);
    if (chunk.length === 0 || !this.#mayHaveBody()) return true;
    this.#send(bytesOf(chunk, encoding));
    this.#drainWanted = this.#queuedBytes > 0;
    return !this.#drainWanted;
  }

  end(chunk?: string | Uint8Array | null | Done, encoding?: BufferEncoding | null | Done, done?: Done | null): this {
    const told = [chunk, encoding, done].find((one) => typeof one === "function");
    if (this.writableEnded || this.destroyed) {
      if (told) process.nextTick(told, nodeError("ERR_STREAM_ALREADY_FINISHED", "The response has ended"));
      return this;
    }
    if (told) this.once("finish", told);
    const body = typeof chunk === "function" || chunk === null ? undefined : chunk;
    this.writableEnded = true;
    if (this._header === null) this.writeHead(this.statusCode);
    if (this.#headSent || this.#trailers !== "") this.#endStream(body, encoding);
    else this.#answerAtOnce(body, encoding);
    return this;
  }

  addTrailers(trailers: Readonly<Record<string, HeaderValue>>): void {
    for (const name in trailers) this.#trailers = withHeader(this.#trailers, name, trailers[name] as HeaderValue);
  }

  /** The gateway has told the client to go on before it passed anything on. */
  writeContinue(done?: () => void): void {
    if (done) process.nextTick(done);
  }

  writeProcessing(done?: () => void): void {
    this.#writeInterim(102, {}, done);
  }

  writeEarlyHints(hints: Readonly<Record<string, HeaderValue>>, done?: () => void): void {
    this.#writeInterim(103, hints, done);
  }

  cork(): void {}

  uncork(): void {}

  setTimeout(): this {
    return this;
  }

  /** Breaks the answer off. */
  destroy(error?: Error): this {
    if (this.closed || (this.writableEnded && this.#queuedBytes === 0)) return this;
    this.errored = error ?? null;
    this.#place.writer.says(frameKind.abort, this.id, error?.message ?? "The instance broke the answer off");
    this.gone();
    return this;
  }

  /** Answers 101: from now on what is written goes as it is. `text`: names and values with NUL between them. */
  switchProtocols(text: string): void {
    this.statusCode = 101;
    this._header = text;
    this.#headSent = true;
    this.#place.writer.head(frameKind.switched, this.id, text);
  }

  /** So much of the request's body was taken. */
  took(bytes: number): void {
    if (!this.destroyed) this.#place.writer.credit(this.id, bytes);
  }

  /** The gateway has taken so much. */
  credited(bytes: number): void {
    this.#window += bytes;
    if (this.#window > windowBytes) throw brokenFrames("The gateway gave more credit than it may");
    while (this.#window > 0) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      this.#queuedBytes -= chunk.length;
      this.#send(chunk);
    }
    if (this.#queuedBytes > 0) return;
    if (this.writableEnded) this.#writeEnd();
    else if (this.#drainWanted) {
      this.#drainWanted = false;
      this.emit("drain");
    }
  }

  /** What was written has left. */
  left(): void {
    if (this.closed) return;
    this.writableFinished = true;
    this.emit("finish");
    this.#close(false);
  }

  /** Nobody waits for the answer any more, or it was broken off. */
  gone(): void {
    this.#place.release(this);
    if (this.closed) return;
    this.#queue = [];
    this.#close(true);
  }

  #close(aborted: boolean): void {
    this.closed = true;
    this.destroyed = true;
    this.req.settle(aborted);
    this.emit("close");
  }

  #mayHaveBody(): boolean {
    return this.req.method !== "HEAD" && this.statusCode !== 204 && this.statusCode !== 304;
  }

  #answerAtOnce(body: string | Uint8Array | undefined, encoding: unknown): void {
    const content = body === undefined || !this.#mayHaveBody() ? "" : body;
    const isShort =
      typeof content === "string"
        ? content.length <= textCharactersMax && isUtf8(encoding)
        : content.length <= dataBytesMax;
    if (!isShort) {
      this.#endStream(content, encoding);
      return;
    }
    this.#headSent = true;
    this.#place.writer.whole(this.id, this.statusCode, this._header as string, content);
    this.#place.written(this);
  }

  #endStream(body: string | Uint8Array | undefined, encoding: unknown): void {
    if (!this.#headSent) this.#sendHead();
    if (body !== undefined && body.length > 0 && this.#mayHaveBody()) this.#send(bytesOf(body, encoding));
    if (this.#queuedBytes === 0) this.#writeEnd();
  }

  #writeEnd(): void {
    this.#place.writer.head(frameKind.end, this.id, this.#trailers);
    this.#place.written(this);
  }

  #sendHead(): void {
    if (this._header === null) this.writeHead(this.statusCode);
    this.#headSent = true;
    this.#place.writer.statusHead(frameKind.head, this.id, this.statusCode, this._header as unknown as string);
  }

  /** As much as the gateway takes; the rest waits. */
  #send(chunk: Uint8Array): void {
    const bytes = this.#queuedBytes > 0 ? 0 : Math.min(chunk.length, this.#window);
    for (let at = 0; at < bytes; at += dataBytesMax)
      this.#place.writer.data(this.id, chunk.subarray(at, Math.min(bytes, at + dataBytesMax)));
    this.#window -= bytes;
    if (bytes === chunk.length) return;
    this.#queue.push(bytes === 0 ? chunk : chunk.subarray(bytes));
    this.#queuedBytes += chunk.length - bytes;
  }

  #writeInterim(status: number, headers: Readonly<Record<string, HeaderValue>>, done?: () => void): void {
    if (this.#headSent || this.destroyed) return;
    let text = "";
    for (const name in headers) text = withHeader(text, name, headers[name] as HeaderValue);
    this.#place.writer.statusHead(frameKind.interim, this.id, status, text);
    if (done) process.nextTick(done);
  }
}

function bytesOf(chunk: string | Uint8Array, encoding: unknown): Uint8Array {
  if (typeof chunk !== "string") return chunk;
  return Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
}

function isUtf8(encoding: unknown): boolean {
  return typeof encoding !== "string" || encoding === "utf8" || encoding === "utf-8";
}
