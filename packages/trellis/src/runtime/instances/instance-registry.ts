import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { CallsLook } from "../../blocks/http/port.ts";
import type { SpoolOverview } from "../../blocks/stream/port.ts";
import type { Clock, Timer } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Role } from "../../model/plan.ts";
import type { Sql } from "../../model/sql.ts";
import { beatMs, silentMsMax } from "./limits.ts";

/** One running instance of the app. Times in milliseconds since 1970, by the database's clock. */
export interface KnownInstance {
  readonly id: string;
  /** `web-1`. Another machine may have one of the same name. */
  readonly name: string;
  readonly role: Role;
  /** The machine's name. */
  readonly host: string;
  readonly pid: number;
  /** Reaches it from its own machine. */
  readonly privateUrl: string;
  readonly since: number;
  readonly seen: number;
  /** As it was then. */
  readonly spool: SpoolOverview;
  readonly calls: readonly CallsLook[];
}

export interface InstanceRegistryOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly role: Role;
  /** The services for which it answers calls of other instances. */
  readonly answers: readonly string[];
  readonly spool: () => SpoolOverview;
  /** How its services' calls to others go. */
  readonly calls: () => readonly CallsLook[];
}

/** The registry's table. Run them before an instance is announced. */
export const instanceMigrations = {
  owner: "trellis:instances",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

const insertion = `insert into trellis.instance (id, name, role, host, pid, private_url, answers, spool, calls)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/** Which instances of the app run now: each says so of itself, every few seconds. */
export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions;
  readonly #id = randomUUID();
  #timer: Timer | undefined;
  #announced = false;

  constructor(options: InstanceRegistryOptions) {
    this.#options = options;
  }

  /** From now on this instance is among those that run. */
  async announce(privateUrl: string): Promise<void> {
    this.#announced = true;
    await this.#options.sql.query(insertion, this.#row(privateUrl));
    this.#beatLater(privateUrl);
  }

  /** Those that have said lately that they live; what this one says of itself is as it is now. */
  async list(): Promise<readonly KnownInstance[]> {
    const instances = await listInstances(this.#options.sql);
    const { spool, calls } = this.#options;
    return instances.map((one) => (one.id === this.#id ? { ...one, spool: spool(), calls: calls() } : one));
  }

  /** The others on this machine, which can be asked at their private addresses. */
  async neighbours(): Promise<readonly { readonly name: string; readonly url: string }[]> {
    const instances = await listInstances(this.#options.sql);
    return instances
      .filter(({ id, host }) => id !== this.#id && host === hostname())
      .map(({ name, privateUrl }) => ({ name, url: privateUrl }));
  }

  /** Waits for nothing: where the database is away, the others find out by themselves. */
  close(): void {
    this.#timer?.cancel();
    if (!this.#announced) return;
    this.#announced = false;
    this.#options.sql.query("delete from trellis.instance where id = $1", [this.#id]).catch(() => undefined);
  }

  #beatLater(privateUrl: string): void {
    const { clock, log } = this.#options;
    this.#timer = clock.after(beatMs, () => {
      this.#beat(privateUrl)
        .catch((error: unknown) => log.debug("The instance could not say that it lives", { error }))
        .finally(() => {
          if (this.#announced) this.#beatLater(privateUrl);
        });
    });
  }

  /** Says so, also where others have taken this instance for dead, and forgets those that have long said nothing. */
  async #beat(privateUrl: string): Promise<void> {
    await this.#options.sql.query(
      `with forgotten as (
         delete from trellis.instance where seen_at < clock_timestamp() - interval '${silentMsMax * 4} milliseconds'
           and id <> $1
       )
       ${insertion}
       on conflict (id) do update set seen_at = clock_timestamp(), spool = excluded.spool, calls = excluded.calls`,
      this.#row(privateUrl),
    );
  }

  #row(privateUrl: string): readonly unknown[] {
    const { name, role, answers, spool, calls } = this.#options;
    const looks = [spool(), calls()].map((look) => JSON.stringify(look));
    return [this.#id, name, role, hostname(), process.pid, privateUrl, answers, ...looks];
  }
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly host: string;
  readonly pid: number;
  readonly private_url: string;
  readonly since: Date;
  readonly seen_at: Date;
  readonly spool: SpoolOverview;
  readonly calls: readonly CallsLook[];
}

/** The instances that have said lately that they live, in the order of their names. */
export async function listInstances(sql: Sql): Promise<readonly KnownInstance[]> {
  const rows = await sql.query<Row>(
    `select * from trellis.instance where seen_at >= clock_timestamp() - interval '${silentMsMax} milliseconds'
     order by host, role, length(name), name`,
  );
  return rows.map(({ private_url, since, seen_at, ...instance }) => ({
    ...instance,
    privateUrl: private_url,
    since: since.getTime(),
    seen: seen_at.getTime(),
  }));
}
