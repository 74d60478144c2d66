import type { Context } from "../../model/context.ts";
import { TrellisError } from "../../model/errors.ts";
import type { AnyHandler, Service } from "../../model/service.ts";
import type { ScheduleKey } from "./schedule-table.ts";
import { type Timetable, timetable } from "./timetable.ts";

/** One schedule of a service, before there are blocks for it to run with. */
export interface DeclaredSchedule extends ScheduleKey {
  readonly timetable: Timetable;
  readonly missed: "skip" | "once";
  readonly run: AnyHandler;
}

/** A schedule that can run: its blocks are open. */
export interface OpenSchedule extends Omit<DeclaredSchedule, "run"> {
  run(context: Context): Promise<void>;
}

const nameForm = /^[A-Za-z][\w-]{0,63}$/;

/** Every schedule of the services. Throws `invalid-app`, naming the service and the schedule that is wrong. */
export function declaredSchedules(services: readonly Service[]): readonly DeclaredSchedule[] {
  return services.flatMap(({ contract, schedules }) =>
    Object.entries(schedules).map(([name, schedule]) => {
      const place = `${contract.name}.${name}`;
      if (!nameForm.test(name))
        throw new TrellisError("invalid-app", {
          says: `${contract.name}: "${name}" cannot be the name of a schedule`,
          cure: "Use letters, digits, hyphens and underscores, a letter first, at most 64.",
        });
      const { missed = "skip", run } = schedule;
      return { service: contract.name, name, timetable: timetable(schedule, place), missed, run };
    }),
  );
}
