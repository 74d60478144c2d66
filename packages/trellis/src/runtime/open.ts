import { type ApiKeys, keyMigrations, openApiKeys } from "../blocks/identity/api-keys.ts";
import type { Opened } from "../model/block.ts";
import { busEngine } from "../model/bus.ts";
import type { Clock, Random } from "../model/clock.ts";
import type { Log } from "../model/log.ts";
import type { Plan, Role } from "../model/plan.ts";
import type { Service } from "../model/service.ts";

export interface OpenOptions {
  readonly role: Role;
  /** The PostgreSQL server: the plan's, or the embedded one that was started for it. */
  readonly databaseUrl: string;
  /** Shared by all instances: signs who is asking when one instance calls another. */
  readonly secret: string;
  readonly log: Log;
  /** The services that run here: all of the app unless said otherwise. */
  readonly hosted?: readonly string[];
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A plan with everything open: engines, blocks, handlers and HTTP, but no port yet. */
export interface OpenPlan {
  readonly http: Http;
  readonly keys: ApiKeys;
  readonly database: DatabaseEngine;
  /** Lets go of everything, in the reverse order of opening. */
  close(): Promise<void>;
}
