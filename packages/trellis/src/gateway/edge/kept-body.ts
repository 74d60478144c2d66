import { Buffer, isAscii } from "node:buffer";

/** Up to here a text is kept as a string: node then writes it in one piece with the head. */
const stringBytesMax = 16 * 1024;

/** The chunks as one piece of memory of its own: those that came may be slices of something much larger. */
export function keptBody(chunks: readonly Uint8Array[], bytes: number): Uint8Array | string {
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return bytes <= stringBytesMax && isAscii(whole) ? whole.toString("latin1") : whole;
}

/** The bytes of a body, however it was given. */
export function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}
