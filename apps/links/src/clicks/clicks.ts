import type { Request } from "trellis";
import { type LinksRoute, type Series, UnknownCode } from "../contract.ts";
import { findLink } from "../find-link.ts";
import type { Use } from "../uses.ts";
import { dayOf, hourMs, hourStart, hoursOfDay } from "./hours.ts";
import { addSeries, noClicks, toSeries } from "./series.ts";
import { Sketch } from "./sketch.ts";
import { type HourSpan, readSpan } from "./span.ts";

/** A link's clicks hour by hour, or day by day. */
export async function clicks({ params, query, actor, now }: Request<LinksRoute<"clicks">>, { db }: Use) {
  const { unit } = query;
  const span = readSpan(query, unit, now());
  if (!("fromHour" in span)) return span;
  const link = await findLink(db.replica, actor.workspace, params.code);
  if (!link) return UnknownCode({ code: params.code });
  const [counted, visitors] = await Promise.all([readHours(db, link.id, span), readVisitors(db, link.id, span)]);
  const unitHours = unit === "hour" ? 1 : hoursOfDay;
  const points = [];
  for (let hour = span.fromHour; hour < span.endHour; hour += unitHours)
    points.push({
      at: hourStart(hour),
      ...sumOf(counted, hour, unitHours),
      uniques: uniquesOf(visitors, hour, unitHours),
    });
  return {
    from: hourStart(span.fromHour),
    to: hourStart(span.endHour),
    unit,
    points,
    total: { ...points.reduce(addSeries, noClicks), uniques: uniquesByDay(visitors, span) },
  };
}

async function readHours(db: Use["db"], link: bigint, { fromHour, endHour }: HourSpan) {
  const rows = await db.replica
    .selectFrom("link_hour")
    .select(["hour", "humans", "bots", "previews", "heads"])
    .where("link_id", "=", link)
    .where("hour", ">=", fromHour)
    .where("hour", "<", endHour)
    .execute();
  return new Map(rows.map((row) => [row.hour, toSeries(row)]));
}

async function readVisitors(db: Use["db"], link: bigint, { fromHour, endHour }: HourSpan) {
  const rows = await db.replica
    .selectFrom("link_hour_visitors")
    .select(["hour", "sketch"])
    .where("link_id", "=", link)
    .where("hour", ">=", fromHour)
    .where("hour", "<", endHour)
    .execute();
  return new Map(rows.map(({ hour, sketch }) => [hour, sketch]));
}

function sumOf(counted: ReadonlyMap<number, Series>, fromHour: number, hours: number): Series {
  let sum = noClicks;
  for (let hour = fromHour; hour < fromHour + hours; hour++) {
    const series = counted.get(hour);
    if (series) sum = addSeries(sum, series);
  }
  return sum;
}

function uniquesOf(visitors: ReadonlyMap<number, Uint8Array>, fromHour: number, hours: number): number {
  let all: Sketch | undefined;
  for (let hour = fromHour; hour < fromHour + hours; hour++) {
    const sketch = visitors.get(hour);
    if (!sketch) continue;
    all ??= new Sketch();
    all.merge(sketch);
  }
  return all?.estimate() ?? 0;
}

/** Each day has a salt of its own, so that the visitors of two days are others: their numbers add up. */
function uniquesByDay(visitors: ReadonlyMap<number, Uint8Array>, { fromHour, endHour }: HourSpan): number {
  let sum = 0;
  const [firstDay, lastDay] = [dayOf(fromHour * hourMs), dayOf((endHour - 1) * hourMs)];
  for (let day = firstDay; day <= lastDay; day++) sum += uniquesOf(visitors, day * hoursOfDay, hoursOfDay);
  return sum;
}
