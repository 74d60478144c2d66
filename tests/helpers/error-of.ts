import { expect } from "vitest";
import type { Outcome, TrellisEvent } from "./trellis-process.ts";

/** The error that a command with `--json` ended with: its only answer. */
export function errorOf({ code, events, stdout }: Outcome): TrellisEvent {
  const [error, ...others] = events;
  expect(others, stdout).toEqual([]);
  expect(error).toMatchObject({ event: "error", title: expect.any(String), cure: expect.any(String), exit: code });
  return error as TrellisEvent;
}
