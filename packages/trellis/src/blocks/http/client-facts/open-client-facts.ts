import { Countries } from "../../../client-facts/countries.ts";
import { countryTableFolders } from "../../../client-facts/country-data.ts";
import type { Mode } from "../../../model/block.ts";
import type { Clock, Timer } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { fetchAheadMs, Salts } from "../../../policies/client-facts/salts.ts";
import { SaltTable } from "./salt-table.ts";
import { SharedSalts } from "./shared-salts.ts";

export interface ClientFactsOptions {
  /** On the platform's own tables. */
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly mode: Mode;
  /** The app's data folder. */
  readonly folder: string;
}

export interface OpenClientFacts {
  readonly facts: ClientFacts;
  close(): Promise<void>;
}

/** Twice in the hour in which the next day's salt is fetched, so that one failure does no harm. */
const lookEveryMs = fetchAheadMs / 2;

/** Opens what an instance tells of its clients: the salts in its database, and countries where their data is installed. */
export async function openClientFacts({ sql, clock, log, mode, folder }: ClientFactsOptions): Promise<OpenClientFacts> {
  const shared = new SharedSalts({ source: new SaltTable(sql), folder, clock, log });
  const salts = new Salts(shared);
  const [countries] = await Promise.all([Countries.open(countryTableFolders(folder), log), salts.prepare(clock.now())]);
  // Who asks here may be answered by a gateway the next time, which tells visitors apart as this instance does.
  await shared.written();
  // A test asserts what is there, also on a machine that has no table yet.
  if (mode === "test") await countries?.ready;
  const look = new SaltLook(salts, shared, clock);
  return {
    facts: new ClientFacts(countries ?? noCountries, salts),
    close: async () => {
      look.stop();
      await shared.written();
      await countries?.close();
    },
  };
}

const noCountries = { of: () => "" };

/** Has the next day's salt fetched before midnight, and old ones thrown away, also where nobody asks for anything. */
class SaltLook {
  readonly #salts: Salts;
  readonly #shared: SharedSalts;
  readonly #clock: Clock;
  #timer: Timer;

  constructor(salts: Salts, shared: SharedSalts, clock: Clock) {
    this.#salts = salts;
    this.#shared = shared;
    this.#clock = clock;
    this.#timer = this.#later();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#clock.after(lookEveryMs, () => {
      this.#salts.at(this.#clock.now());
      void this.#shared.share();
      this.#timer = this.#later();
    });
  }
}
