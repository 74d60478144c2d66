import { expect } from "vitest";
import { z } from "zod";
import type { Opening, Serving } from "../../../model/block.ts";
import { noMetrics } from "../../../model/metrics.ts";
import type { Infer, Schema } from "../../../model/schema.ts";
import type { Work } from "../../../model/service.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testOpening } from "../../../testing/test-opening.ts";
import { type TestWakes, testWakes } from "../../../testing/test-wakes.ts";
import type { DatabaseEngine } from "../../database/port.ts";
import { closeAfterTests, type TestDatabase, testDatabase } from "../../database/test-database.contract.ts";
import type { Queue, QueueOptions, ResultOf } from "../jobs.ts";
import { type QueueEngine, queueEngine } from "../port.ts";
import { openQueueEngine, type QueueEngineOptions, queueMigrations } from "../postgres/open-queue-engine.ts";
import { queue } from "../queue.ts";

/** A database with the queues' tables, and instances on it. */
export interface TestJobs {
  readonly database: TestDatabase;
  /** Another instance, as a process of its own would be: with its own connections. */
  instance(options?: Partial<QueueEngineOptions>): TestInstance;
}

export interface TestInstance {
  readonly engine: QueueEngine;
  readonly database: DatabaseEngine;
  readonly wakes: TestWakes;
  open<S extends Schema, R extends Schema = Schema>(
    name: string,
    schema: S,
    options?: QueueOptions<Infer<S>, R>,
    opening?: Pick<Partial<Opening>, "tracing">,
  ): TestQueue<Infer<S>, ResultOf<R>>;
}

export interface TestQueue<Job, Result> {
  readonly jobs: Queue<Job, Result>;
  work(handler: (work: Work<Job, Result>) => Promise<unknown>): Serving;
}

export type NewTestJobs = (name: string) => Promise<TestJobs>;

/** Something to wait for. */
export interface Gate {
  readonly passed: Promise<void>;
  pass(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, pass: resolve };
}

/** On a machine that is busy with other things too. */
const patienceMs = 20_000;

/** Looks again and again until it is as expected: `await eventually(() => ran.length).toBe(3)`. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: patienceMs, interval: 20 });

export const Task = z.object({ name: z.string() });

/** Shorter than in production, so that what is found by looking is found soon. */
const tickMs = 50;

export async function testJobs(name: string): Promise<TestJobs> {
  const database = await testDatabase(name);
  const network = testWakes();
  await database.engine().migrate(queueMigrations);
  return { database, instance: (options) => newInstance(database, network.peer(), options) };
}

function newInstance(
  { engine: openDatabase }: TestDatabase,
  wakes: TestWakes,
  options: Partial<QueueEngineOptions> = {},
): TestInstance {
  const database = openDatabase();
  const parts = {
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: noMetrics,
  };
  const engine = openQueueEngine({ ...parts, tickMs, database, wakes, instance: "test", ...options });
  closeAfterTests(engine);
  return {
    engine,
    database,
    wakes,
    open: (name, schema, queueOptions, opening) => {
      const engines = { [queueEngine]: engine };
      const declared = queue(schema, queueOptions);
      // An engine that is there opens at once.
      const opened = declared.open(testOpening({ ...parts, ...opening, engines, service: "tests", name }));
      const { handle, serve } = opened as Exclude<typeof opened, Promise<unknown>>;
      if (!serve) throw new TypeError("A queue can be served");
      return { jobs: handle, work: (handler) => serve(handler as (given: never) => Promise<unknown>) };
    },
  };
}
