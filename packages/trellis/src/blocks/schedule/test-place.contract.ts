import type { Context } from "../../model/context.ts";
import { contract } from "../../model/contract.ts";
import { noMetrics } from "../../model/metrics.ts";
import { type Schedule, service } from "../../model/service.ts";
import { noTracing } from "../../model/tracing.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { declaredSchedules, type OpenSchedule } from "./declared-schedule.ts";
import type { ScheduleEngine, ScheduleOverview, ScheduleRun, TickQueue } from "./port.ts";
import { openSchedules } from "./schedules.ts";
import type { TestGround } from "./test-ground.contract.ts";

/** The ticks of all instances of a place. */
export interface Ticks {
  /** As one instance has them. */
  queue(): TickQueue;
  unfinished(): Promise<number>;
}

export type When = { every: `${number}${"s" | "m" | "d"}` } | { cron: string; zone: string };
export type Run = (context: Context, instance: string) => Promise<void>;

/** What schedules are opened with besides themselves, their queue and the name of the instance. */
export function common({ database }: Pick<TestGround, "database">, clock: TestClock) {
  return { database, clock, random: testRandom(), log: silentLog, metrics: noMetrics, tracing: noTracing };
}

/** One schedule, `nightly.sweep`, as a release declares it. */
export function sweep(
  when: When & Pick<Schedule<never>, "missed">,
  run: (context: Context) => Promise<void>,
): OpenSchedule {
  const nightly = service(contract("nightly", {}), { uses: {}, routes: {}, schedules: { sweep: { ...when, run } } });
  const [declared] = declaredSchedules([nightly]);
  if (!declared) throw new Error("There is one.");
  return { ...declared, run };
}

/** An app of several instances on one database, whose time the test moves. */
export class Place {
  readonly clock: TestClock;
  readonly #ground: Pick<TestGround, "database">;
  readonly #ticks: Ticks;
  #live = 0;
  #running = 0;

  constructor(ground: Pick<TestGround, "database">, ticks: Ticks, clock: TestClock = testClock()) {
    this.clock = clock;
    this.#ground = ground;
    this.#ticks = ticks;
  }

  /** One more instance. */
  start(instance: string, when: When & Pick<Schedule<never>, "missed">, run: Run) {
    const schedule = sweep(when, async (context) => {
      this.#running += 1;
      try {
        await run(context, instance);
      } finally {
        this.#running -= 1;
      }
    });
    const judge = (): number => this.clock.now();
    const queue = this.#ticks.queue();
    const engine = openSchedules({
      ...common(this.#ground, this.clock),
      schedules: [schedule],
      queue,
      judge,
      instance,
    });
    const serving = engine.start();
    this.#live += 1;
    const stop = async (): Promise<void> => {
      await (await serving).stop();
      this.#live -= 1;
    };
    return { engine, stop };
  }

  /** Every instance has looked and waits for its next look; each tick has ended, or waits for its run to end. */
  idle(): Promise<void> {
    return until(
      async () =>
        this.clock.pending === this.#live + this.#running &&
        (await this.#ticks.unfinished()) === this.#running &&
        this.clock.pending === this.#live + this.#running,
    );
  }

  /** Lets time pass no faster than the instances look. */
  async pass(ms: number): Promise<void> {
    for (const end = this.clock.now() + ms; this.clock.now() < end; ) {
      await this.clock.advance(Math.min(5_000, end - this.clock.now()));
      await this.idle();
    }
    await this.clock.advance(0);
    await this.idle();
  }
}

/** Goes on for as long as anything moves by itself, until `done`. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setImmediate(resolve));
}

export async function overviewOf(engine: ScheduleEngine): Promise<ScheduleOverview> {
  const [overview] = await engine.overview();
  if (!overview) throw new Error("There is one.");
  return overview;
}

export const runsOf = async (engine: ScheduleEngine): Promise<readonly ScheduleRun[]> =>
  (await overviewOf(engine)).runs;
