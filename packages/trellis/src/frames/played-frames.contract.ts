import fc from "fast-check";
import { frameKind } from "./frame-kind.ts";
import type { PlayedFrame } from "./played-socket.contract.ts";

/** Streams that the first requests of a connection have, and some that no request has. */
const stream = fc.constantFrom(65_537, 65_537, 65_538, 65_538, 65_539, 131_073, 7);
const headers = fc.constantFrom("", "a\0b", "a\0b\0a\0c");
const requests = fc.constantFrom("host\0x\0GET\0/", "content-length\x003\0POST\0/", "GET\0/a?b=c");
const status = Uint8Array.of(0, 200);

const framesOf = (kinds: readonly number[], payload: fc.Arbitrary<Uint8Array>): fc.Arbitrary<PlayedFrame> =>
  fc.record({ kind: fc.constantFrom(...kinds), stream, payload });

const { head, interim, whole, wholeText, data, end, abort, credit, request, requestWithBody, upgrade } = frameKind;

/** Each as it should be, though perhaps not where it should be. */
const wellFormed = fc.oneof(
  framesOf(
    [head, head, interim],
    headers.map((text) => Buffer.concat([status, Buffer.from(text)])),
  ),
  framesOf(
    [whole, wholeText],
    headers.map((text) => Buffer.concat([status, Uint8Array.of(0, 0, 0, text.length), Buffer.from(`${text}body`)])),
  ),
  framesOf([data, data], fc.uint8Array({ maxLength: 16 })),
  framesOf([end, abort], fc.constant(new Uint8Array(0))),
  framesOf([credit], fc.constant(Uint8Array.of(0, 0, 1, 0))),
  framesOf(
    [request, requestWithBody, upgrade],
    requests.map((text) => Buffer.from(text)),
  ),
);
const anything = fc.record({
  kind: fc.constantFrom(...Object.values(frameKind)),
  stream: fc.oneof(stream, fc.constant(0)),
  payload: fc.uint8Array({ maxLength: 16 }),
});

/** Frames in any order, most of them well formed, on a few streams. */
export const playedFrames: fc.Arbitrary<PlayedFrame[]> = fc.array(
  fc.oneof({ weight: 12, arbitrary: wellFormed }, { weight: 1, arbitrary: anything }),
  { maxLength: 24 },
);
