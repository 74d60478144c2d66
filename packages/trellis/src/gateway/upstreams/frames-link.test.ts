import fc from "fast-check";
import { expect, it } from "vitest";
import { playedFrames } from "../../frames/played-frames.contract.ts";
import { PlayedSocket } from "../../frames/played-socket.contract.ts";
import { testClock } from "../../testing/test-clock.ts";
import type { AnswerSink } from "../exchange.ts";
import { FramesLink } from "./frames-link.ts";
import { FramesStream } from "./frames-stream.ts";
import { gatewayRequest } from "./recorded-answer.contract.ts";

/** Notes what it is told, in order. */
class NotedAnswer implements AnswerSink {
  readonly told: string[] = [];

  interim(): void {
    this.told.push("interim");
  }

  head(): void {
    this.told.push("head");
  }

  data(): boolean {
    this.told.push("data");
    return true;
  }

  end(): void {
    this.told.push("over");
  }

  whole(): void {
    this.told.push("head", "over");
  }

  fail(): void {
    this.told.push("failed");
  }
}

const inOrder = /^(interim )*(failed |head (data )*(over |failed ))?$/;

it("whatever an instance sends, each request is told one answer in order and one end, and nothing is thrown", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(playedFrames, fc.nat(3), (frames, bodies) => {
      const clock = testClock();
      const socket = new PlayedSocket();
      const link = new FramesLink(socket, clock);
      socket.greet();
      const answers = [0, 1, 2].map((index) => {
        const answer = new NotedAnswer();
        const body = index < bodies ? new Uint8Array(300_000) : undefined;
        link.begin(new FramesStream(gatewayRequest({ body }), answer, clock));
        return answer;
      });
      for (const frame of frames) socket.play(frame);
      socket.destroy();
      for (const { told } of answers) {
        const text = told.map((word) => `${word} `).join("");
        expect(text).toMatch(inOrder);
        expect(text).toMatch(/(over|failed) $/);
        seen.add(text);
      }
      expect(link.streams).toBe(0);
    }),
    { numRuns: 1_000 },
  );
  // So that it does not pass for want of frames that fit.
  for (const one of ["head over ", "head data failed ", "interim failed "]) expect(seen).toContain(one);
});
