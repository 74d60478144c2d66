import { expect, test } from "vitest";
import { hourOf } from "./hours.ts";
import { readSpan } from "./span.ts";

const now = Date.parse("2026-03-10T15:30:00Z");
const hour = (iso: string) => hourOf(Date.parse(iso));

test("nothing said means the last 24 hours or 30 days, the present one last", () => {
  expect(readSpan({}, "hour", now)).toEqual({
    fromHour: hour("2026-03-09T16:00Z"),
    endHour: hour("2026-03-10T16:00Z"),
  });
  expect(readSpan({}, "day", now)).toEqual({ fromHour: hour("2026-02-09T00:00Z"), endHour: hour("2026-03-11T00:00Z") });
});

test("every hour or day that is touched is whole, one that only ends it is not in it", () => {
  const asked = { from: "2026-03-01T10:59:59.999Z", to: "2026-03-01T12:00:00Z" };
  expect(readSpan(asked, "hour", now)).toEqual({
    fromHour: hour("2026-03-01T10:00Z"),
    endHour: hour("2026-03-01T12:00Z"),
  });
  expect(readSpan(asked, "day", now)).toEqual({
    fromHour: hour("2026-03-01T00:00Z"),
    endHour: hour("2026-03-02T00:00Z"),
  });
});

test.each([
  [{ from: "2026-03-02T00:00:00Z", to: "2026-03-01T00:00:00Z" }, "hour", "ends before"],
  [{ from: "2026-02-01T00:00:00Z", to: "2026-03-10T00:00:00Z" }, "hour", "31 days"],
  [{ from: "2024-01-01T00:00:00Z", to: "2026-03-10T00:00:00Z" }, "day", "366 days"],
] as const)("%j by the %s is refused, with the reason", (asked, unit, says) => {
  expect(readSpan(asked, unit, now)).toMatchObject({
    code: "span-refused",
    detail: { says: expect.stringContaining(says) },
  });
});
