import { waitingJobs } from "../../blocks/queue/postgres/waiting-jobs.ts";
import { dueSchedules } from "../../blocks/schedule/due-schedules.ts";
import { readOverviews } from "../../blocks/stream/postgres/overview.ts";
import type { Clock } from "../../model/clock.ts";
import type { Sql } from "../../model/sql.ts";
import type { ServiceWork } from "../../supervisor/scaling/load.ts";

/** What is asked more often is answered as the last time: what waits is seconds old where that matters. */
const lookEveryMs = 2_000;

/**
 * What waits to be worked, by service, as the database knows it: also for services of which no instance runs. Rejects while
 * the database is away.
 */
export function workSource(sql: Sql, clock: Clock): () => Promise<readonly ServiceWork[]> {
  let last: readonly ServiceWork[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - lookedAt < lookEveryMs && clock.now() >= lookedAt) return last;
    lookedAt = clock.now();
    const [jobs, schedules, streams] = await Promise.all([waitingJobs(sql), dueSchedules(sql), readOverviews(sql)]);
    last = [
      ...jobs,
      ...schedules.map((service) => ({ service, oldestMs: aMoment, running: 0 })),
      ...streams.filter(({ outbox }) => outbox > 0).map(({ service }) => ({ service, oldestMs: aMoment, running: 0 })),
      ...streams.flatMap(({ groups }) =>
        groups
          .filter(({ lag }) => lag > 0)
          .map(({ group, oldestAgeMs, members }) => ({
            service: group,
            // Without members it may be one that no code consumes for any more: no reason to start ever more instances.
            oldestMs: members.length > 0 ? oldestAgeMs : aMoment,
            running: 0,
          })),
      ),
    ];
    return last;
  };
}

/** In milliseconds. Something waits; for how long says nothing of how many instances it needs. */
const aMoment = 1;
