import { SpanRefused, type Unit } from "../contract.ts";
import { dayOf, hourOf, hoursOfDay } from "./hours.ts";

/** Hours from `fromHour` up to, not including, `endHour`; a whole number of units. */
export interface HourSpan {
  readonly fromHour: number;
  readonly endHour: number;
}

/** The longest span and the one that is meant where nothing is said, in units. */
const bounds: Readonly<Record<Unit, { readonly most: number; readonly usual: number; readonly says: string }>> = {
  hour: { most: 31 * hoursOfDay, usual: hoursOfDay, says: "By the hour at most 31 days can be shown" },
  day: { most: 366, usual: 30, says: "At most 366 days can be shown" },
};

/** Every hour or day that is touched by what was asked for, or why it cannot be shown. */
export function readSpan(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  unit: Unit,
  nowMs: number,
): HourSpan | ReturnType<typeof SpanRefused> {
  const unitOf = unit === "hour" ? hourOf : dayOf;
  const { most, usual, says } = bounds[unit];
  const end = unitOf(to === undefined ? nowMs : Date.parse(to) - 1) + 1;
  const first = from === undefined ? end - usual : unitOf(Date.parse(from));
  if (first >= end) return SpanRefused({ says: "The span ends before it begins" });
  if (end - first > most) return SpanRefused({ says });
  const hours = unit === "hour" ? 1 : hoursOfDay;
  return { fromHour: first * hours, endHour: end * hours };
}
