import { expect, it } from "vitest";
import { eventStream } from "./event-stream.ts";

async function eventsIn(bytes: Uint8Array, chunkBytes: number): Promise<string[]> {
  const chunks = ReadableStream.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    })(),
  );
  const events: string[] = [];
  for await (const event of eventStream(chunks as ReadableStream<Uint8Array>)) events.push(event);
  return events;
}

const text = [
  "\ufeff: note\n",
  "data: é1\n\n",
  "data:2\r\ndata: b\r\n\r\n",
  "event: x\n\n",
  "data\rid: 1\r\r",
  "data: cut",
];

it.each([1, 2, 3, 7, 1_000])("gives the same events in chunks of %i bytes", async (chunkBytes) => {
  const bytes = new TextEncoder().encode(text.join(""));
  expect(await eventsIn(bytes, chunkBytes)).toEqual(["é1", "2\nb", ""]);
});
