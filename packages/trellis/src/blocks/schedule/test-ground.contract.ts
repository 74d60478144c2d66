import { beforeAll, beforeEach } from "vitest";
import type { DatabaseEngine, Migrations } from "../database/port.ts";
import { type TestDatabase, testDatabase } from "../database/test-database.contract.ts";
import { scheduleMigrations } from "./schedules.ts";

/** A database with the tables of schedules, empty at the beginning of each test. */
export class TestGround {
  #server: TestDatabase | undefined;
  #database: DatabaseEngine | undefined;

  constructor(name: string, more: readonly Migrations[] = []) {
    beforeAll(async () => {
      this.#server = await testDatabase(name);
      this.#database = this.#server.engine();
      for (const migrations of [scheduleMigrations, ...more]) await this.#database.migrate(migrations);
    }, 60_000);
    beforeEach(async () => {
      await this.server.query("truncate trellis.schedule, trellis.schedule_run");
    });
  }

  get server(): TestDatabase {
    return there(this.#server);
  }

  get database(): DatabaseEngine {
    return there(this.#database);
  }
}

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("The tests have not begun.");
  return part;
}
