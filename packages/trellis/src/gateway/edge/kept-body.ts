import { Buffer, isAscii } from "node:buffer";

/** Up to here a text is kept as a string: node then writes it in one piece with the head. */
const stringBytesMax = 16 * 1024;

/** The chunks as one piece of memory of its own: those that came may be slices of something much larger. */
export function keptBody(chunks: readonly Uint8Array[], bytes: number): Uint8Array | string {
  const whole = concat(chunks, bytes);
  return bytes <= stringBytesMax && isAscii(whole) ? whole.toString("latin1") : whole;
}

/** One after the other, in memory of its own. */
export function concat(chunks: readonly Uint8Array[], bytes = sum(chunks)): Buffer {
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The bytes of a body, however it was given. */
export function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}

function sum(chunks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  return bytes;
}
