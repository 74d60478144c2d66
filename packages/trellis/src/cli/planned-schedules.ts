import { declaredSchedules } from "../blocks/schedule/declared-schedule.ts";
import type { Service } from "../model/service.ts";

/** One schedule as the plan shows it. */
export interface PlannedSchedule {
  readonly service: string;
  readonly name: string;
  /** `every 1d`, or a cron expression. */
  readonly spec: string;
  /** Of a cron expression. */
  readonly zone?: string;
  readonly missed: "skip" | "once";
  /** ISO 8601. */
  readonly next: string;
}

/** Every schedule of the services, with its next time after `now`. Throws `invalid-app`. */
export function plannedSchedules(services: readonly Service[], now: number): readonly PlannedSchedule[] {
  return declaredSchedules(services).map(({ service, name, timetable: { spec, zone, after }, missed }) => ({
    service,
    name,
    spec,
    ...(zone === undefined ? {} : { zone }),
    missed,
    next: new Date(after(now)).toISOString(),
  }));
}
