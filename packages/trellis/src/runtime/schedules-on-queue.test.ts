import type { Migrations } from "../blocks/database/port.ts";
import { closeAfterTests } from "../blocks/database/test-database.contract.ts";
import { openQueueEngine, queueMigrations } from "../blocks/queue/postgres/open-queue-engine.ts";
import { scheduleContract } from "../blocks/schedule/schedule.contract.ts";
import { TestGround } from "../blocks/schedule/test-ground.contract.ts";
import { noMetrics } from "../model/metrics.ts";
import { silentLog } from "../testing/silent-log.ts";
import { testWakes } from "../testing/test-wakes.ts";
import { systemClock, systemRandom } from "./system-clock.ts";
import { tickQueue } from "./tick-queue.ts";

const migrations: Migrations = queueMigrations;
const ground = new TestGround("schedules_on_queue", [migrations]);

scheduleContract("jobs", ground, () => {
  const wakes = testWakes();
  return {
    queue: () => {
      const engine = openQueueEngine({
        database: ground.database,
        wakes: wakes.peer(),
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        metrics: noMetrics,
        instance: "test",
      });
      closeAfterTests(engine);
      return tickQueue(engine);
    },
    unfinished: async () => {
      const rows = await ground.database.platform.query("select from trellis.job");
      return rows.length;
    },
  };
});
