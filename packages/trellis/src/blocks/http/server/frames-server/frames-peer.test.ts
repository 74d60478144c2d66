import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { playedFrames } from "../../../../frames/played-frames.contract.ts";
import { PlayedSocket } from "../../../../frames/played-socket.contract.ts";
import { testClock } from "../../../../testing/test-clock.ts";
import { FramesPeer } from "./frames-peer.ts";

it("whatever a gateway sends, each request ends once, nothing is thrown and nothing is left", () => {
  let served = 0;
  let refused = 0;
  fc.assert(
    fc.property(playedFrames, fc.nat(3), (frames, how) => {
      const closes: number[] = [];
      const listener = (request: IncomingMessage, response: ServerResponse): void => {
        const place = closes.push(0) - 1;
        response.on("close", () => {
          closes[place] = (closes[place] ?? 0) + 1;
        });
        if (request instanceof EventEmitter) request.on("data", () => undefined);
        if (how === 0) response.end("at once");
        if (how === 1) response.write(Buffer.alloc(300_000));
        if (how === 2) response.end(Buffer.alloc(300_000));
      };
      const socket = new PlayedSocket();
      const peer = new FramesPeer(socket, {
        listener,
        upgrade: undefined,
        clock: testClock(),
        onClosed: () => undefined,
      });
      socket.greet();
      for (const frame of frames) socket.play(frame);
      if (socket.destroyed) refused += 1;
      socket.destroy();
      served += closes.length;
      expect(closes).toEqual(closes.map(() => 1));
      expect(peer.streams).toBe(0);
    }),
    { numRuns: 1_000 },
  );
  expect(served).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
