import { Countries } from "../../../client-facts/countries.ts";
import { countryTableFolders } from "../../../client-facts/country-data.ts";
import { SaltFile } from "../../../client-facts/salt-file.ts";
import type { Clock } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { Salts } from "../../../policies/client-facts/salts.ts";

/** Makes the same of clients as the instances do, from the same data. Nothing is read before `open`. */
export class GatewayClientFacts {
  readonly facts: ClientFacts;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #salts: Salts;
  #countries: Countries | undefined;
  #opening: Promise<void> | undefined;

  /** @param folder - the app's data folder */
  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
    this.#salts = new Salts(new SaltFile(folder));
    this.facts = new ClientFacts({ of: (ip) => this.#countries?.of(ip) ?? "" }, this.#salts);
  }

  /** Resolves when what can be known now is known. Meanwhile and without it countries and visitors are unknown. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#countries?.close();
  }

  async #open(): Promise<void> {
    try {
      const folders = countryTableFolders(this.#folder);
      const [countries] = await Promise.all([
        Countries.open(folders, this.#log),
        this.#salts.prepare(this.#clock.now()),
      ]);
      this.#countries = countries;
    } catch (error) {
      this.#log.error("countries of the edge's events stay unknown", { error });
    }
  }
}
