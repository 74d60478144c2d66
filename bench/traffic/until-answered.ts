import { setTimeout as pause } from "node:timers/promises";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import { paths } from "./traffic-words.ts";

const tries = 500;
const pauseMs = 20;

/** Resolves when the app answers as all of them do. */
export async function untilAnswered(origin: string): Promise<void> {
  for (let left = tries; ; left -= 1)
    try {
      await expectAnswer(origin + paths.quick, {}, { status: 200, json: { says: "hello" } });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await pause(pauseMs);
    }
}
