import { outsideRequests } from "../blocks/http/endpoint/caller-storage.ts";
import { declaredSchedules } from "../blocks/schedule/declared-schedule.ts";
import type { ScheduleEngine } from "../blocks/schedule/port.ts";
import { openSchedules } from "../blocks/schedule/schedules.ts";
import type { Context } from "../model/context.ts";
import type { Service } from "../model/service.ts";
import type { Platform } from "./open-platform.ts";
import type { Common, OpenService } from "./open-services.ts";
import { systemClock } from "./system-clock.ts";
import { tickQueue } from "./tick-queue.ts";

/**
 * The schedules of the app: those of the services that are open here can run, each with its service's blocks. Throws
 * `invalid-app`.
 */
export function openServiceSchedules(
  services: readonly OpenService[],
  all: readonly Service[],
  { database, queues }: Pick<Platform, "database" | "queues">,
  common: Common,
): ScheduleEngine {
  const { clock } = common;
  return openSchedules({
    ...common,
    schedules: services.flatMap(({ service, handles }) =>
      declaredSchedules([service]).map((declared) => ({
        ...declared,
        run: async (context: Context) => {
          const run = declared.run as (context: Context, use: unknown) => Promise<void>;
          await outsideRequests(() => run(context, handles));
        },
      })),
    ),
    elsewhere: declaredSchedules(all.filter((one) => !services.some(({ service }) => service === one))),
    database,
    queue: tickQueue(queues),
    // A clock that was brought along is a test's, which moves it: then it decides instead of the database's.
    ...(clock === systemClock ? {} : { judge: () => clock.now() }),
  });
}
