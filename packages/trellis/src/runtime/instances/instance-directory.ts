import { hostname } from "node:os";
import type { Clock, Timer } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { ServiceDirectory } from "../../model/service-directory.ts";
import type { Sql } from "../../model/sql.ts";
import { lookEveryMs, silentMsMax, wakeMsMax } from "./limits.ts";

export interface InstanceDirectoryOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Asks whoever starts instances for one of this service. Whether one is on its way: false where all that there are to be
   * run already. Without it nobody starts any.
   */
  readonly wake?: (service: string) => Promise<boolean>;
}

/** Between two looks that are asked for. */
const lookAgainMs = 50;
/** Whoever starts instances is asked again, as it may be another one by now; and is waited for no longer. */
const askAgainMs = 1_000;

const nowhere: readonly string[] = [];

/**
 * Knows from the list of instances where services answer on this machine. It looks every second; while the database is
 * away, it goes on with what it knew.
 */
export class InstanceDirectory implements ServiceDirectory {
  readonly #options: InstanceDirectoryOptions;
  /** The services that are waited for. */
  readonly #waking = new Map<string, Promise<void>>();
  #addresses: ReadonlyMap<string, readonly string[]> = new Map();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  /** That somebody has asked for; it has not begun yet. */
  #next: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: InstanceDirectoryOptions) {
    this.#options = options;
  }

  addressesOf(service: string): readonly string[] {
    return this.#addresses.get(service) ?? nowhere;
  }

  /** Looks for the first time and goes on looking. */
  async open(): Promise<void> {
    this.#lookNow();
    await this.#looking;
  }

  /** With a look that begins from now on: one for all who ask meanwhile. */
  async refresh(): Promise<void> {
    this.#next ??= this.#lookSoon();
    await this.#next;
  }

  /** Once for all who ask meanwhile. */
  wake(service: string): Promise<void> {
    let waking = this.#waking.get(service);
    if (!waking) {
      waking = this.#wake(service).finally(() => this.#waking.delete(service));
      this.#waking.set(service, waking);
    }
    return waking;
  }

  /** Resolves when it has stopped looking. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  async #wake(service: string): Promise<void> {
    const { clock } = this.#options;
    const isMissing = () => !this.#closed && this.addressesOf(service).length === 0;
    const until = clock.now() + wakeMsMax;
    while (isMissing() && clock.now() < until) {
      if (!(await this.#isOnItsWay(service))) return;
      const askAgainAt = clock.now() + askAgainMs;
      while (isMissing() && clock.now() < askAgainAt) await this.refresh();
    }
  }

  async #isOnItsWay(service: string): Promise<boolean> {
    const { clock, log, wake } = this.#options;
    if (!wake) return false;
    const late = Promise.withResolvers<boolean>();
    const timer = clock.after(askAgainMs, () => late.resolve(false));
    try {
      return await Promise.race([wake(service), late.promise]);
    } catch (error) {
      log.debug("Nobody was there to start an instance", { service, error });
      return false;
    } finally {
      timer.cancel();
    }
  }

  async #lookSoon(): Promise<void> {
    const { clock } = this.#options;
    await this.#looking;
    const pauseMs = this.#lookedAt + lookAgainMs - clock.now();
    if (pauseMs > 0) await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    this.#next = undefined;
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#lookNow();
    await this.#looking;
  }

  #lookNow(): void {
    const { clock, log } = this.#options;
    this.#looking = this.#look()
      .catch((error: unknown) => log.debug("Where services answer could not be looked up", { error }))
      .then(() => {
        this.#lookedAt = clock.now();
        if (!this.#closed) this.#timer = clock.after(lookEveryMs, () => this.#lookNow());
      });
  }

  async #look(): Promise<void> {
    const rows = await this.#options.sql.query<{ readonly service: string; readonly addresses: readonly string[] }>(
      `select service, array_agg(private_url order by private_url) as addresses
       from trellis.instance, unnest(answers) as service
       where host = $1 and seen_at >= clock_timestamp() - interval '${silentMsMax} milliseconds'
       group by service`,
      [hostname()],
    );
    this.#addresses = new Map(rows.map(({ service, addresses }) => [service, this.#same(service, addresses)]));
  }

  /** The present list where the new one says the same. */
  #same(service: string, addresses: readonly string[]): readonly string[] {
    const present = this.addressesOf(service);
    const isSame = present.length === addresses.length && present.every((one, index) => one === addresses[index]);
    return isSame ? present : addresses;
  }
}
