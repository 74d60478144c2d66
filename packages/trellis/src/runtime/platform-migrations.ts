import { busMigrations } from "../blocks/database/bus/notify-bus.ts";
import type { Migrations } from "../blocks/database/port.ts";
import { clientMigrations } from "../blocks/http/client-facts/salt-table.ts";
import { onceMigrations } from "../blocks/http/once/once.ts";
import { keyMigrations } from "../blocks/identity/api-keys.ts";
import { queueMigrations } from "../blocks/queue/postgres/open-queue-engine.ts";
import { scheduleMigrations } from "../blocks/schedule/schedules.ts";
import { streamMigrations } from "../blocks/stream/migrations.ts";
import { spoolMigrations } from "../blocks/stream/spool/spool-table.ts";
import { instanceMigrations } from "./instances/instance-registry.ts";

/** The platform's own tables, in the order in which they are made. */
export const platformMigrations: readonly Migrations[] = [
  busMigrations,
  keyMigrations,
  onceMigrations,
  queueMigrations,
  spoolMigrations,
  streamMigrations,
  scheduleMigrations,
  instanceMigrations,
  clientMigrations,
];
