import { writeSalts } from "../../../client-facts/salt-file.ts";
import type { Clock } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import { dayOf, type SaltSource } from "../../../policies/client-facts/salts.ts";

export interface SharedSaltsOptions {
  readonly source: SaltSource;
  /** The app's data folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Salts as they come from `source`, each put down where gateways of this machine find it. */
export class SharedSalts implements SaltSource {
  readonly #options: SharedSaltsOptions;
  readonly #known = new Map<number, Uint8Array>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: SharedSaltsOptions) {
    this.#options = options;
  }

  async saltOf(day: number): Promise<Uint8Array> {
    const salt = await this.#options.source.saltOf(day);
    this.#known.set(day, salt);
    void this.share();
    return salt;
  }

  /** Puts down what is known of today and tomorrow, and forgets what is older. Never rejects. */
  share(): Promise<void> {
    const { folder, clock, log } = this.#options;
    const today = dayOf(clock.now());
    for (const day of this.#known.keys()) if (day < today) this.#known.delete(day);
    this.#writing = this.#writing
      .then(() => writeSalts(folder, this.#known, today))
      .catch((error: unknown) => {
        // Gateways do not know visitors apart until it succeeds.
        log.warn("the salts of visitors cannot be put down for gateways", { folder, error });
      });
    return this.#writing;
  }

  /** Resolves when nothing more is being put down. */
  written(): Promise<void> {
    return this.#writing;
  }
}
