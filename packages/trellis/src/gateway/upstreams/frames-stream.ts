import type { Readable } from "node:stream";
import { header } from "../../blocks/http/port.ts";
import { brokenFrames } from "../../frames/broken-frames.ts";
import type { ConnectionEnd } from "../../frames/frame-connection.ts";
import { uint32At, wholePrefixBytes } from "../../frames/frame-decoder.ts";
import { frameKind } from "../../frames/frame-kind.ts";
import type { FrameWriter } from "../../frames/frame-writer.ts";
import { dataBytesMax, headBytesMax, windowBytes } from "../../frames/limits.ts";
import type { Clock } from "../../model/clock.ts";
import { edgeRefreshHeader } from "../../model/edge-event.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpstreamFailure } from "../exchange.ts";

/** Credit is given in pieces of this size, so that few frames carry it. */
const creditBytes = windowBytes / 4;
const none: HeaderList = [];

/** The connection that a stream is on. */
export interface StreamHome {
  /** The stream is over. */
  release(stream: FramesStream): void;
}

/** One request on its way to an instance, and its answer. */
export class FramesStream implements Forwarding {
  id = 0;
  protected readonly request: GatewayRequest;
  protected over = false;
  protected writer: FrameWriter | undefined = undefined;
  readonly #sink: AnswerSink;
  readonly #clock: Clock;
  #link: StreamHome | undefined = undefined;
  /** Of the writer, when the head was written; -1 before. */
  #batch = -1;
  #answerBegun = false;
  /** Bytes that the instance may still be sent. */
  #window = windowBytes;
  #source: Readable | undefined = undefined;
  #bodyTaken = false;
  #bodyEnded = false;
  /** What is left of a chunk of the body for want of credit. */
  #rest: Uint8Array | undefined = undefined;
  /** Bytes of the answer that came and for which no new credit was given. */
  #owed = 0;
  #paused = false;

  constructor(request: GatewayRequest, sink: AnswerSink, clock: Clock) {
    this.request = request;
    this.#sink = sink;
    this.#clock = clock;
  }

  placed(link: StreamHome, writer: FrameWriter, id: number): void {
    this.#link = link;
    this.writer = writer;
    this.id = id;
  }

  /** Writes the request. */
  start(): void {
    const { body } = this.request;
    const text = headText(this.request, this.#clock.now());
    if (text.length > headBytesMax) {
      this.fail({ reason: "too-large", says: `The request's head has more than ${headBytesMax} bytes` });
      return;
    }
    const writer = this.writer as FrameWriter;
    const kind = this.kind();
    writer.head(kind, this.id, text);
    this.#batch = writer.batch;
    if (body === undefined || kind === frameKind.upgrade) this.#bodyEnded = true;
    else if (body instanceof Uint8Array) this.#sendWholeBody(body);
    else this.#readBody(body);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#grant();
  }

  abort(): void {
    if (this.over) return;
    this.#tellInstance("Nobody waits for the answer any more");
    this.finish();
  }

  fail(failure: UpstreamFailure): void {
    if (this.over) return;
    this.finish();
    this.#sink.fail(failure);
  }

  connectionClosed({ says = "The instance closed the connection", broken }: ConnectionEnd, greeted: boolean): void {
    if (!greeted) this.fail({ reason: "connect", says });
    else if (!this.#hasLeft()) this.fail({ reason: "unsent", says });
    else this.fail({ reason: broken ? "invalid-answer" : "reset", says });
  }

  /** Of this stream. */
  frame(kind: number, bytes: Buffer, from: number, to: number): void {
    if (kind === frameKind.whole || kind === frameKind.wholeText) this.#takeWhole(kind, bytes, from, to);
    else if (kind === frameKind.head) this.#takeHead(bytes, from, to);
    else if (kind === frameKind.data) this.#takeData(bytes.subarray(from, to));
    else if (kind === frameKind.end) this.#takeEnd(headersAt(bytes, from, to));
    else if (kind === frameKind.credit) this.#takeCredit(bytes, from, to);
    else if (kind === frameKind.interim) this.#takeInterim(bytes, from, to);
    else if (kind === frameKind.abort) this.fail({ reason: "reset", says: bytes.toString("utf8", from, to) });
    else if (kind === frameKind.switched) this.switched(headersAt(bytes, from, to));
    else throw brokenFrames(`An instance sends no frame of kind ${kind}`);
  }

  /** Of the request's frame. */
  protected kind(): number {
    return this.request.body === undefined ? frameKind.request : frameKind.requestWithBody;
  }

  /** The instance agrees to switch protocols. */
  protected switched(_headers: HeaderList): void {
    throw brokenFrames("An instance switched protocols where nobody asked for it");
  }

  /** Bytes of the answer. False: nothing more is wanted before `resume`. */
  protected deliver(chunk: Buffer): boolean {
    return this.#sink.data(chunk);
  }

  protected ended(trailers: HeaderList): void {
    if (!this.#bodyEnded) this.#tellInstance("It is answered");
    this.finish();
    if (trailers.length === 0) this.#sink.end();
    else this.#sink.end(trailers);
  }

  /** No answer will come after what has come. The stream's place is free. */
  protected finish(): void {
    this.over = true;
    this.#letGoOfBody();
    this.#link?.release(this);
  }

  /** From now on bytes go both ways: those of `source`, no more than the instance takes, and those to `deliver`. */
  protected goBothWays(source: Readable): void {
    this.#answerBegun = true;
    this.#bodyEnded = false;
    this.#readBody(source);
  }

  /** All of the body has been sent. */
  protected sentAll(): void {}

  #takeWhole(kind: number, bytes: Buffer, from: number, to: number): void {
    const headEnd = from + wholePrefixBytes + (to - from >= wholePrefixBytes ? uint32At(bytes, from + 2) : to);
    if (this.#answerBegun || headEnd > to) throw brokenFrames("A whole answer is none");
    const status = statusAt(bytes, from);
    const headers = headersAt(bytes, from + wholePrefixBytes, headEnd);
    const body = kind === frameKind.wholeText ? bytes.toString("utf8", headEnd, to) : bytes.subarray(headEnd, to);
    if (!this.#bodyEnded) this.#tellInstance("It is answered");
    this.finish();
    this.#sink.whole(status, headers, body);
  }

  #takeHead(bytes: Buffer, from: number, to: number): void {
    if (this.#answerBegun || to - from < 2) throw brokenFrames("A head is not where one can be");
    this.#answerBegun = true;
    this.#sink.head(statusAt(bytes, from), headersAt(bytes, from + 2, to));
  }

  #takeInterim(bytes: Buffer, from: number, to: number): void {
    if (this.#answerBegun || to - from < 2) throw brokenFrames("An interim answer is not where one can be");
    this.#sink.interim(bytes.readUInt16BE(from), headersAt(bytes, from + 2, to));
  }

  #takeData(chunk: Buffer): void {
    if (!this.#answerBegun) throw brokenFrames("A body comes before its head");
    this.#owed += chunk.length;
    if (this.#owed > windowBytes) throw brokenFrames("An instance sent more than it had credit for");
    if (!this.deliver(chunk)) this.#paused = true;
    if (!this.#paused) this.#grant();
  }

  #takeEnd(trailers: HeaderList): void {
    if (!this.#answerBegun) throw brokenFrames("An answer ends before its head");
    this.ended(trailers);
  }

  #takeCredit(bytes: Buffer, from: number, to: number): void {
    this.#window += to - from === 4 ? uint32At(bytes, from) : windowBytes + 1;
    if (this.#window > windowBytes) throw brokenFrames("An instance gave more credit than it may");
    if (this.#bodyEnded) return;
    if (this.#rest !== undefined) this.#sendSome(this.#rest);
    if (this.#rest !== undefined) return;
    if (this.#source === undefined) this.#endBody();
    else if (this.#window > 0) this.#source.resume();
  }

  #grant(): void {
    if (this.over || this.#owed < creditBytes) return;
    this.writer?.credit(this.id, this.#owed);
    this.#owed = 0;
  }

  #sendWholeBody(body: Uint8Array): void {
    this.#sendSome(body);
    if (this.#rest === undefined) this.#endBody();
  }

  /** As much as there is credit for; the rest waits. */
  #sendSome(chunk: Uint8Array): void {
    const bytes = Math.min(chunk.length, this.#window);
    for (let at = 0; at < bytes; at += dataBytesMax)
      this.writer?.data(this.id, chunk.subarray(at, Math.min(bytes, at + dataBytesMax)));
    this.#window -= bytes;
    this.#rest = bytes < chunk.length ? chunk.subarray(bytes) : undefined;
  }

  #readBody(source: Readable): void {
    this.#source = source;
    source.on("data", this.#onData);
    source.on("end", this.#onEnd);
    source.on("error", this.#onBroken);
    source.on("close", this.#onBroken);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#bodyTaken = true;
    this.#sendSome(chunk);
    if (this.#rest !== undefined || this.#window === 0) this.#source?.pause();
  };

  /** Its end may come while its last chunk waits for credit. */
  readonly #onEnd = (): void => {
    this.#letGoOfBody();
    if (this.#rest === undefined) this.#endBody();
  };

  readonly #onBroken = (): void => {
    this.#tellInstance("The request broke off");
    this.fail({ reason: "body-failed", says: "The request's body ended before it was whole" });
  };

  #endBody(): void {
    this.#bodyEnded = true;
    this.#letGoOfBody();
    this.writer?.head(frameKind.end, this.id, "");
    this.sentAll();
  }

  #letGoOfBody(): void {
    const source = this.#source;
    if (source === undefined) return;
    this.#source = undefined;
    source.off("data", this.#onData);
    source.off("end", this.#onEnd);
    source.off("error", this.#onBroken);
    source.off("close", this.#onBroken);
  }

  /** Where it knows of the request. */
  #tellInstance(says: string): void {
    if (this.#batch >= 0) this.writer?.says(frameKind.abort, this.id, says);
  }

  #hasLeft(): boolean {
    if (this.#batch < 0) return false;
    return this.#bodyTaken || this.#batch < (this.writer as FrameWriter).batch;
  }
}

const refreshText = `${edgeRefreshHeader}\0${1}\0`;

function headText({ headers, method, target, deadlineMs, facts }: GatewayRequest, nowMs: number): string {
  const own = headers.length === 0 ? "" : `${headers.join("\0")}\0`;
  const text = facts.refreshes ? own + refreshText : own;
  if (deadlineMs === Number.POSITIVE_INFINITY) return `${text}${method}\0${target}`;
  const leftMs = Math.max(1, Math.round(deadlineMs - nowMs));
  return `${text}${header.timeout}\0${leftMs}\0${method}\0${target}`;
}

function statusAt(bytes: Buffer, at: number): number {
  const status = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (status < 200 || status > 999) throw brokenFrames(`${status} is no status of an answer`);
  return status;
}

function headersAt(bytes: Buffer, from: number, to: number): HeaderList {
  if (from === to) return none;
  const list = bytes.toString("latin1", from, to).split("\0");
  if (list.length % 2 !== 0) throw brokenFrames("A header has no value");
  return list;
}
