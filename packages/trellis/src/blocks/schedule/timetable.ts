import { Cron } from "croner";
import { milliseconds } from "../../model/duration.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Schedule } from "../../model/service.ts";
import { everyMsMin } from "./limits.ts";

/** When a schedule's times are, in milliseconds since 1970. The same on every instance. */
export interface Timetable {
  /** `every 1d`, or the cron expression. */
  readonly spec: string;
  /** Of a cron expression. */
  readonly zone: string | undefined;
  /** The first time later than `moment`. */
  after(moment: number): number;
  /** The last time that is not later than `moment`. */
  upTo(moment: number): number;
}

/** Throws `invalid-app`, naming the schedule by its `place`, `SERVICE.NAME`. */
export function timetable(schedule: Schedule<never>, place: string): Timetable {
  return "cron" in schedule ? cronTimes(schedule.cron, schedule.zone, place) : everyTimes(schedule.every, place);
}

/** At multiples of the length since 1970, so that instances agree without asking: `1d` is midnight UTC. */
function everyTimes(every: string, place: string): Timetable {
  const lengthMs = lengthOf(every, place);
  const upTo = (moment: number): number => Math.floor(moment / lengthMs) * lengthMs;
  return { spec: `every ${every}`, zone: undefined, upTo, after: (moment) => upTo(moment) + lengthMs };
}

function lengthOf(every: string, place: string): number {
  const cure = 'Write a length of at least a second, such as "30s", "15m" or "1d".';
  let lengthMs: number;
  try {
    lengthMs = milliseconds(every);
  } catch {
    throw invalid(`${place}: every is "${every}", which is not a duration`, cure);
  }
  if (lengthMs < everyMsMin) throw invalid(`${place}: every is "${every}", less than a second`, cure);
  if (!Number.isSafeInteger(lengthMs))
    throw invalid(`${place}: every is "${every}", no whole number of milliseconds`, cure);
  return lengthMs;
}

function cronTimes(expression: string, zone: string, place: string): Timetable {
  refuseUnknownZone(zone, place);
  const cron = parse(expression, zone, place);
  const upTo = (moment: number): number => known(cron.previousRuns(1, new Date(moment + 1))[0], place);
  const after = (moment: number): number => known(cron.nextRun(new Date(moment)), place);
  return { spec: expression, zone, upTo, after };
}

function parse(expression: string, zone: string, place: string): Cron {
  const cure =
    'Write five fields (minute, hour, day, month, weekday), such as "30 3 * * *", or six with the second first.';
  // A question mark would stand for the moment at which each instance happens to start.
  if (expression.includes("?")) throw invalid(`${place}: cron is "${expression}", and "?" has no meaning here`, cure);
  // A single date, which croner takes too, is no schedule.
  if (!/^(?:@\w+|\S+(?:\s+\S+){4,5})$/.test(expression.trim()))
    throw invalid(`${place}: cron is "${expression}", which does not have five or six fields`, cure);
  let cron: Cron;
  try {
    // "no-wildcard": as crontab(5) has it, hours that are named come once on each day of a clock change.
    cron = new Cron(expression, { timezone: zone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard", paused: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^CronPattern: /, "") : String(cause);
    throw invalid(`${place}: cron is "${expression}": ${reason}`, cure);
  }
  if (cron.nextRun(new Date(0)) === null) throw invalid(`${place}: cron is "${expression}", which never comes`, cure);
  return cron;
}

function refuseUnknownZone(zone: string, place: string): void {
  const cure = 'Write an IANA time zone, such as "Europe/Paris" or "UTC".';
  if (!zone) throw invalid(`${place}: a cron expression needs a zone`, cure);
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw invalid(`${place}: zone is "${zone}", which is not a time zone`, cure);
  }
}

function known(moment: Date | null | undefined, place: string): number {
  if (!moment) throw new RangeError(`${place}: there is no such time`);
  return moment.getTime();
}

function invalid(says: string, cure: string): TrellisError {
  return new TrellisError("invalid-app", { says, cure });
}
