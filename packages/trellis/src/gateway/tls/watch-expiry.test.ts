import { expect, test } from "vitest";
import type { Log } from "../../model/log.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import { watchExpiry } from "./watch-expiry.ts";

const dayMs = 86_400_000;

test("a certificate is warned of every day from 14 days before its end, and its end is an error", async () => {
  const clock = testClock();
  const validUntilMs = clock.now() + 15.5 * dayMs;
  const told: string[] = [];
  const log: Log = { ...silentLog, warn: (says) => told.push(says), error: (says) => told.push(says) };
  watchExpiry({ certificates: () => [{ names: ["shop.example"], validUntilMs }], clock, log });
  await clock.advance(1 * dayMs);
  expect(told).toEqual([]);
  await clock.advance(15 * dayMs);
  expect(told).toHaveLength(15);
  expect(told[0]).toBe("a certificate expires in 13 days");
  expect(told.at(-2)).toBe("a certificate expires in 0 days");
  expect(told.at(-1)).toBe("a certificate has expired: clients refuse it");
});
