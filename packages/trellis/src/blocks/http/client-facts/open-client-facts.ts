import { Countries } from "../../../client-facts/countries.ts";
import { countryTableFolders } from "../../../client-facts/country-data.ts";
import type { Mode } from "../../../model/block.ts";
import type { Clock, Timer } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { fetchAheadMs, Salts } from "../../../policies/client-facts/salts.ts";
import { SaltTable } from "./salt-table.ts";

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
  const salts = new Salts(new SaltTable(sql));
  const [countries] = await Promise.all([Countries.open(countryTableFolders(folder), log), salts.prepare(clock.now())]);
  // A test asserts what is there, also on a machine that has no table yet.
  if (mode === "test") await countries?.ready;
  const look = new SaltLook(salts, clock);
  return {
    facts: new ClientFacts(countries ?? noCountries, salts),
    close: async () => {
      look.stop();
      await countries?.close();
    },
  };
}

const noCountries = { of: () => "" };

/** Has the next day's salt fetched before midnight, and old ones thrown away, also where nobody asks for anything. */
class SaltLook {
  readonly #salts: Salts;
  readonly #clock: Clock;
  #timer: Timer;

  constructor(salts: Salts, clock: Clock) {
    this.#salts = salts;
    this.#clock = clock;
    this.#timer = this.#later();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#clock.after(lookEveryMs, () => {
      this.#salts.at(this.#clock.now());
      this.#timer = this.#later();
    });
  }
}
