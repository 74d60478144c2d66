import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TrellisError } from "../model/errors.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { frameKind } from "./frame-kind.ts";
import { FrameWriter } from "./frame-writer.ts";
import { dataBytesMax, headBytesMax } from "./limits.ts";

interface Frame {
  readonly kind: number;
  readonly stream: number;
  readonly payload: string;
}

/** What a decoder finds in chunks. */
function decoded(chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder({
    frame: (kind, stream, bytes, from, to) =>
      frames.push({ kind, stream, payload: bytes.toString("latin1", from, to) }),
  });
  for (const chunk of chunks) decoder.push(Buffer.from(chunk));
  expect(decoder.atBoundary).toBe(true);
  return frames;
}

/** The bytes of what `write` writes. */
function encoded(write: (writer: FrameWriter) => void): Buffer {
  const chunks: Buffer[] = [];
  const writer = new FrameWriter({ write: (bytes) => chunks.push(Buffer.from(bytes)) > 0, writableLength: 0 });
  write(writer);
  writer.flush();
  return Buffer.concat(chunks);
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...places, bytes.length].map((to, index) => bytes.subarray(places[index - 1] ?? 0, to));
}

const stream = fc.integer({ min: 1, max: 0xff_ff_ff_ff });
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const written = fc.oneof(
  fc.record({ kind: fc.constantFrom(frameKind.request, frameKind.end, frameKind.switched), stream, text: latin1 }),
  fc.record({ kind: fc.constant(frameKind.data), stream, text: latin1 }),
);

const write = (writer: FrameWriter, frames: readonly { kind: number; stream: number; text: string }[]): void => {
  for (const { kind, stream, text } of frames)
    if (kind === frameKind.data) writer.data(stream, Buffer.from(text, "latin1"));
    else writer.head(kind, stream, text);
};

describe("frames", () => {
  it("are found again however the connection cuts them", () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const bytes = encoded((writer) => write(writer, frames));
        const expected = frames.map(({ kind, stream, text }) => ({ kind, stream, payload: text }));
        expect(decoded(cut(bytes, cuts))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("are found again byte by byte, the largest too", () => {
    const text = "a".repeat(headBytesMax);
    const bytes = encoded((writer) => {
      writer.head(frameKind.request, 1, "GET\0/");
      writer.data(1, new Uint8Array(0));
      writer.head(frameKind.request, 2, text);
      writer.credit(2, 0x01_02_03_04);
    });
    const small = bytes.subarray(0, 40);
    const chunks = [...small].map((byte) => Uint8Array.of(byte));
    const frames = decoded([...chunks, bytes.subarray(40)]);
    expect(frames.map(({ kind }) => kind)).toEqual([5, 13, 5, 16]);
    expect(frames[2]?.payload).toBe(text);
    expect(frames[3]?.payload).toBe("\x01\x02\x03\x04");
  });

  it("carry whole answers: status, headers and a body of bytes or text", () => {
    const bytes = encoded((writer) => {
      writer.whole(7, 404, "a\0b", "naïve ✓");
      writer.whole(8, 200, "", Uint8Array.of(1, 2));
    });
    const text = Buffer.from("naïve ✓").toString("latin1");
    expect(decoded([bytes])).toEqual([
      { kind: frameKind.wholeText, stream: 7, payload: `\x01\x94\0\0\0\x03a\0b${text}` },
      { kind: frameKind.whole, stream: 8, payload: "\0\xc8\0\0\0\0\x01\x02" },
    ]);
  });
});

describe("what is no frame", () => {
  const refusal = (bytes: Uint8Array): unknown => {
    try {
      new FrameDecoder({ frame: () => undefined }).push(Buffer.from(bytes));
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const prefix = (length: number, kind: number): Uint8Array => {
    const bytes = Buffer.alloc(9);
    bytes.writeUInt32BE(length);
    bytes[8] = kind;
    return bytes;
  };

  it.each([
    ["of a kind that does not exist", prefix(0, 20), /no frame of kind 20/],
    ["with more data than allowed", prefix(dataBytesMax + 1, frameKind.data), /65537 bytes; at most 65536/],
    ["with a longer head than allowed", prefix(headBytesMax + 1, frameKind.head), /at most/],
    ["of HTTP", Buffer.from("GET / HTTP/1.1\r\n"), /kind/],
  ])("ends the connection with a reason: a frame %s", (_, bytes, says) => {
    expect(refusal(bytes)).toMatchObject({ code: "broken-frames", message: expect.stringMatching(says) });
  });

  it("throws nothing but broken-frames and keeps no more than one frame, whatever comes", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 });
    const nearlyValid = fc
      .tuple(fc.array(written, { maxLength: 4 }), fc.nat(), fc.nat(255))
      .map(([frames, at, byte]) => {
        const bytes = encoded((writer) => write(writer, frames));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return [bytes];
      });
    fc.assert(
      fc.property(fc.oneof(chunks, nearlyValid), (input) => {
        const before = process.memoryUsage().arrayBuffers;
        try {
          const decoder = new FrameDecoder({ frame: () => undefined });
          for (const chunk of input) decoder.push(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(TrellisError);
          expect(error).toHaveProperty("code", "broken-frames");
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * (headBytesMax + dataBytesMax));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a writer", () => {
  it("writes the frames of a turn at once, and never into bytes that still wait", async () => {
    const chunks: Uint8Array[] = [];
    const sink = { write: (bytes: Uint8Array) => chunks.push(bytes) > 0, writableLength: 1 };
    const flushed = Promise.withResolvers<void>();
    const writer = new FrameWriter(sink, () => flushed.resolve());
    writer.data(1, Buffer.from("first"));
    writer.data(2, Buffer.from("second"));
    expect(chunks).toEqual([]);
    await flushed.promise;
    expect(chunks).toHaveLength(1);
    const kept = Buffer.from(chunks[0] as Uint8Array);
    writer.data(3, Buffer.from("third"));
    writer.flush();
    expect(Buffer.from(chunks[0] as Uint8Array)).toEqual(kept);
    expect(decoded(chunks).map(({ payload }) => payload)).toEqual(["first", "second", "third"]);
  });

  it("keeps the order when a frame is larger than a batch", () => {
    const bytes = encoded((writer) => {
      for (let stream = 1; stream <= 40; stream += 1) writer.data(stream, new Uint8Array(stream * 1_600));
    });
    expect(decoded([bytes]).map(({ stream, payload }) => payload.length / stream)).toEqual(
      Array.from({ length: 40 }, () => 1_600),
    );
  });
});
