import { prefixBytes, wholePrefixBytes } from "./frame-decoder.ts";
import { frameKind } from "./frame-kind.ts";

/** Most turns of an event loop fit in. */
const batchBytes = 65_536;

/** What the frames are written to: a socket. */
export interface FrameSink {
  write(bytes: Uint8Array): boolean;
  /** 0: all that was written has been taken by the operating system. */
  readonly writableLength: number;
}

/**
 * Writes frames, those of one turn of the event loop together: a system call costs more than ten frames do. Texts of
 * heads are latin1 with NUL between their parts, as `Array.join("\0")` makes them.
 */
export class FrameWriter {
  /** Of the batch that is being filled: a frame has left when this has grown since it was written. */
  batch = 0;
  readonly #sink: FrameSink;
  readonly #flushed: () => void;
  #bytes = Buffer.allocUnsafeSlow(batchBytes);
  #used = 0;
  #scheduled = false;
  #ended = false;

  /** `flushed` is told each time after a turn's frames were handed to the sink. */
  constructor(sink: FrameSink, flushed: () => void = () => undefined) {
    this.#sink = sink;
    this.#flushed = flushed;
  }

  /** `request`, `requestWithBody`, `upgrade`, `switched`, `end`: a head without a status. */
  head(kind: number, stream: number, text: string): void {
    const at = this.#begin(kind, stream, text.length, text.length);
    this.#bytes.write(text, at, "latin1");
  }

  /** `interim`, `head`. */
  statusHead(kind: number, stream: number, status: number, text: string): void {
    const at = this.#begin(kind, stream, 2 + text.length, 2 + text.length);
    this.#putStatus(at, status);
    this.#bytes.write(text, at + 2, "latin1");
  }

  /** `body` holds at most `dataBytesMax` bytes, or a third as many characters. */
  whole(stream: number, status: number, text: string, body: Uint8Array | string): void {
    const isText = typeof body === "string";
    const most = wholePrefixBytes + text.length + body.length * (isText ? 3 : 1);
    const at = this.#begin(isText ? frameKind.wholeText : frameKind.whole, stream, most, 0);
    this.#putStatus(at, status);
    this.#putUint32(at + 2, text.length);
    const bodyAt = at + wholePrefixBytes + text.length;
    this.#bytes.write(text, at + wholePrefixBytes, "latin1");
    let end = bodyAt;
    if (isText) end += this.#bytes.write(body, bodyAt, "utf8");
    else {
      this.#bytes.set(body, bodyAt);
      end += body.length;
    }
    this.#putUint32(at - prefixBytes, end - at);
    this.#used = end;
  }

  /** At most `dataBytesMax`; the bytes are copied. */
  data(stream: number, chunk: Uint8Array): void {
    const at = this.#begin(frameKind.data, stream, chunk.length, chunk.length);
    this.#bytes.set(chunk, at);
  }

  /** `goaway`, `abort`, `hello`: a text for people. What is longer than a kilobyte is cut. */
  says(kind: number, stream: number, text: string): void {
    const bytes = Buffer.from(text.slice(0, 300));
    const at = this.#begin(kind, stream, bytes.length, bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** `purge`, `look`, `figures`: what concerns no request. No more than may be of its kind. */
  tells(kind: number, text: string): void {
    const bytes = Buffer.from(text);
    const at = this.#begin(kind, 0, bytes.length, bytes.length);
    this.#bytes.set(bytes, at);
  }

  pong(payload: Uint8Array): void {
    const at = this.#begin(frameKind.pong, 0, payload.length, payload.length);
    this.#bytes.set(payload, at);
  }

  credit(stream: number, bytes: number): void {
    this.#putUint32(this.#begin(frameKind.credit, stream, 4, 4), bytes);
  }

  /** Writes this at once in place of what the turn has so far, and nothing after it. */
  last(kind: number, says: string): void {
    this.#used = 0;
    this.says(kind, 0, says);
    this.flush();
    this.end();
  }

  /** Nothing is written any more. */
  end(): void {
    this.#ended = true;
    this.#used = 0;
  }

  /** Writes at once what the turn has so far. */
  flush(): void {
    if (this.#ended) this.#used = 0;
    if (this.#used === 0) return;
    const used = this.#used;
    this.#used = 0;
    this.batch += 1;
    const whole = this.#bytes;
    this.#sink.write(used === whole.length ? whole : whole.subarray(0, used));
    // What waits in the socket must stay as it is. One made for a single large frame is not kept.
    if (this.#sink.writableLength > 0 || whole.length > batchBytes) this.#bytes = Buffer.allocUnsafeSlow(batchBytes);
  }

  /** Makes room for `most` bytes and writes the prefix. Returns where the payload goes. */
  #begin(kind: number, stream: number, most: number, length: number): number {
    if (this.#used + prefixBytes + most > this.#bytes.length) this.#makeRoom(prefixBytes + most);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#endTurn);
    }
    const bytes = this.#bytes;
    const at = this.#used;
    this.#putUint32(at, length);
    this.#putUint32(at + 4, stream);
    bytes[at + 8] = kind;
    this.#used = at + prefixBytes + length;
    return at + prefixBytes;
  }

  #makeRoom(bytes: number): void {
    this.flush();
    if (bytes > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  #putUint32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  #putStatus(at: number, status: number): void {
    this.#bytes[at] = status >>> 8;
    this.#bytes[at + 1] = status;
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    this.flush();
    if (!this.#ended) this.#flushed();
  };
}
