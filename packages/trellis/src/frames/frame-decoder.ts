import { brokenFrames } from "./broken-frames.ts";
import { frameKind } from "./frame-kind.ts";
import { dataBytesMax, figuresBytesMax, headBytesMax, purgeBytesMax } from "./limits.ts";

/** Length, stream, kind. */
export const prefixBytes = 9;
/** Status and length of the headers before a whole answer. */
export const wholePrefixBytes = 6;
const reasonBytesMax = 1_024;

/** Told of each frame. What lies in `bytes` between `from` and `to` is its payload; it stays as it is. */
export interface FrameTaker {
  frame(kind: number, stream: number, bytes: Buffer, from: number, to: number): void;
}

/** The most that a payload of each kind may hold; kinds that do not exist have no entry. */
const payloadMax: readonly (number | undefined)[] = payloadLimits();

/**
 * Finds the frames in what comes over a connection, however it was cut. A frame that lies whole in a chunk is not copied;
 * one that lies in several is copied once. Keeps at most one frame of the largest size.
 */
export class FrameDecoder {
  readonly #taker: FrameTaker;
  /** The beginning of a frame that has not come whole. */
  #begun: Buffer | undefined;
  #begunBytes = 0;

  constructor(taker: FrameTaker) {
    this.#taker = taker;
  }

  /** Whether the connection may end here. */
  get atBoundary(): boolean {
    return this.#begunBytes === 0;
  }

  /** Throws `broken-frames`; nothing may be pushed after that. */
  push(chunk: Buffer): void {
    let at = this.#begunBytes > 0 ? this.#goOn(chunk) : 0;
    while (chunk.length - at >= prefixBytes) {
      const end = at + prefixBytes + lengthAt(chunk, at);
      if (end > chunk.length) break;
      this.#taker.frame(chunk[at + 8] as number, uint32At(chunk, at + 4), chunk, at + prefixBytes, end);
      at = end;
    }
    if (at < chunk.length) this.#begin(chunk, at);
  }

  #begin(chunk: Buffer, from: number): void {
    const bytes = chunk.length - from;
    // Checked before anything is allocated for it.
    const frameBytes = bytes >= prefixBytes ? prefixBytes + lengthAt(chunk, from) : prefixBytes;
    this.#begun = Buffer.allocUnsafeSlow(frameBytes);
    chunk.copy(this.#begun, 0, from);
    this.#begunBytes = bytes;
  }

  /** Adds to the frame that has begun. Returns where in the chunk the next one begins. */
  #goOn(chunk: Buffer): number {
    let taken = this.#fill(chunk, 0);
    let begun = this.#begun as Buffer;
    if (this.#begunBytes < prefixBytes) return taken;
    const frameBytes = prefixBytes + lengthAt(begun, 0);
    if (begun.length < frameBytes) {
      const prefix = begun;
      begun = Buffer.allocUnsafeSlow(frameBytes);
      prefix.copy(begun, 0, 0, prefixBytes);
      this.#begun = begun;
      taken = this.#fill(chunk, taken);
    }
    if (this.#begunBytes < frameBytes) return taken;
    this.#begun = undefined;
    this.#begunBytes = 0;
    this.#taker.frame(begun[8] as number, uint32At(begun, 4), begun, prefixBytes, frameBytes);
    return taken;
  }

  /** Returns up to where the chunk has been taken. */
  #fill(chunk: Buffer, from: number): number {
    const begun = this.#begun as Buffer;
    const copied = chunk.copy(begun, this.#begunBytes, from);
    this.#begunBytes += copied;
    return from + copied;
  }
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** The length of the payload, checked against what its kind may have. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = uint32At(bytes, at);
  const kind = bytes[at + 8] as number;
  const max = payloadMax[kind];
  if (max === undefined) throw brokenFrames(`There is no frame of kind ${kind}`);
  if (length > max) throw brokenFrames(`A frame of kind ${kind} has ${length} bytes; at most ${max} are allowed`);
  return length;
}

function payloadLimits(): readonly (number | undefined)[] {
  const limits: (number | undefined)[] = [];
  for (const kind of [frameKind.request, frameKind.requestWithBody, frameKind.upgrade]) limits[kind] = headBytesMax;
  for (const kind of [frameKind.interim, frameKind.head, frameKind.switched]) limits[kind] = headBytesMax;
  for (const kind of [frameKind.whole, frameKind.wholeText])
    limits[kind] = wholePrefixBytes + headBytesMax + dataBytesMax;
  for (const kind of [frameKind.hello, frameKind.goaway, frameKind.abort]) limits[kind] = reasonBytesMax;
  limits[frameKind.data] = dataBytesMax;
  limits[frameKind.end] = headBytesMax;
  limits[frameKind.ping] = 8;
  limits[frameKind.pong] = 8;
  limits[frameKind.credit] = 4;
  limits[frameKind.purge] = purgeBytesMax;
  limits[frameKind.look] = 0;
  limits[frameKind.figures] = figuresBytesMax;
  return limits;
}
