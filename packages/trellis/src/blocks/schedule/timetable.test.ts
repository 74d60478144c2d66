import { expect, test } from "vitest";
import type { Schedule } from "../../model/service.ts";
import { timetable } from "./timetable.ts";

const run = async (): Promise<void> => {};
const moment = (text: string): number => Date.parse(text);
const iso = (time: number): string => new Date(time).toISOString();

/** The next `count` times after `from`. */
function times(schedule: object, from: string, count: number): readonly string[] {
  const { after } = timetable({ ...schedule, run } as unknown as Schedule<never>, "links.sweep");
  const found: string[] = [];
  let at = moment(from);
  for (let index = 0; index < count; index += 1) {
    at = after(at);
    found.push(iso(at));
  }
  return found;
}

test("every comes at multiples since 1970, whenever an instance starts", () => {
  expect(times({ every: "15m" }, "2026-01-01T10:07:31.123Z", 2)).toEqual([
    "2026-01-01T10:15:00.000Z",
    "2026-01-01T10:30:00.000Z",
  ]);
  expect(times({ every: "1d" }, "2026-01-01T10:07:31.123Z", 1)).toEqual(["2026-01-02T00:00:00.000Z"]);
});

test("a time itself is the last one up to it, and the next comes after it", () => {
  for (const schedule of [{ every: "5m" }, { cron: "*/5 * * * *", zone: "UTC" }]) {
    const { after, upTo } = timetable({ ...schedule, run } as unknown as Schedule<never>, "links.sweep");
    const at = moment("2026-01-01T10:05:00Z");
    expect([iso(upTo(at)), iso(after(at))]).toEqual(["2026-01-01T10:05:00.000Z", "2026-01-01T10:10:00.000Z"]);
    expect([iso(upTo(at - 1)), iso(after(at - 1))]).toEqual(["2026-01-01T10:00:00.000Z", "2026-01-01T10:05:00.000Z"]);
    expect(iso(upTo(at + 1))).toBe("2026-01-01T10:05:00.000Z");
  }
});

test("cron is read in its zone, with or without seconds, with names of days", () => {
  expect(times({ cron: "30 3 * * *", zone: "Europe/Paris" }, "2026-01-01T00:00:00Z", 1)).toEqual([
    "2026-01-01T02:30:00.000Z",
  ]);
  expect(times({ cron: "15 30 3 * * *", zone: "Asia/Kolkata" }, "2026-01-01T00:00:00Z", 1)).toEqual([
    "2026-01-01T22:00:15.000Z",
  ]);
  expect(times({ cron: "0 9 * * MON-FRI", zone: "UTC" }, "2026-01-02T12:00:00Z", 1)).toEqual([
    "2026-01-05T09:00:00.000Z",
  ]);
});

test("an hour that spring leaves out: what names it comes right after it, on that day too", () => {
  const zone = "Europe/Paris";
  expect(times({ cron: "30 2 * * *", zone }, "2026-03-28T12:00:00Z", 2)).toEqual([
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
  expect(times({ cron: "30 2,14 * * *", zone }, "2026-03-28T20:00:00Z", 2)).toEqual([
    "2026-03-29T01:00:00.000Z",
    "2026-03-29T12:30:00.000Z",
  ]);
  expect(times({ cron: "*/30 * * * *", zone }, "2026-03-29T00:00:00Z", 3)).toEqual([
    "2026-03-29T00:30:00.000Z",
    "2026-03-29T01:00:00.000Z",
    "2026-03-29T01:30:00.000Z",
  ]);
});

test("an hour that autumn has twice: what names it comes once, what comes every hour comes in both", () => {
  const zone = "Europe/Paris";
  expect(times({ cron: "30 2 * * *", zone }, "2026-10-24T12:00:00Z", 2)).toEqual([
    "2026-10-25T00:30:00.000Z",
    "2026-10-26T01:30:00.000Z",
  ]);
  expect(times({ cron: "0 * * * *", zone }, "2026-10-24T23:30:00Z", 4)).toEqual([
    "2026-10-25T00:00:00.000Z",
    "2026-10-25T01:00:00.000Z",
    "2026-10-25T02:00:00.000Z",
    "2026-10-25T03:00:00.000Z",
  ]);
  const { upTo } = timetable({ cron: "30 2 * * *", zone, run }, "links.sweep");
  expect(iso(upTo(moment("2026-10-25T12:00:00Z")))).toBe("2026-10-25T00:30:00.000Z");
});

test.each([
  [{ every: "soon" }, "soon"],
  [{ every: "999ms" }, "less than a second"],
  [{ cron: "@sometimes", zone: "UTC" }, "@sometimes"],
  [{ every: "0s" }, "less than a second"],
  [{ every: "1000.5ms" }, "whole number"],
  [{ cron: "61 * * * *", zone: "UTC" }, "61"],
  [{ cron: "* * *", zone: "UTC" }, "* * *"],
  [{ cron: "? 3 * * *", zone: "UTC" }, "no meaning"],
  [{ cron: "0 0 30 2 *", zone: "UTC" }, "never comes"],
  [{ cron: "2030-01-01T00:00:00", zone: "UTC" }, "2030"],
  [{ cron: "0 0 0 1 1 * 2030", zone: "UTC" }, "2030"],
  [{ cron: "0 3 * * *", zone: "Mars/Olympus" }, "Mars/Olympus"],
  [{ cron: "0 3 * * *", zone: "" }, "needs a zone"],
  [{ cron: "0 3 * * *" }, "needs a zone"],
])("%o is refused, naming the schedule and what is wrong", (schedule, part) => {
  expect(() => timetable({ ...schedule, run } as unknown as Schedule<never>, "links.sweep")).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining("links.sweep") }),
  );
  expect(() => timetable({ ...schedule, run } as unknown as Schedule<never>, "links.sweep")).toThrow(part);
});
