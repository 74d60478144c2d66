import { randomUUID } from "node:crypto";
import type { Unsubscribe } from "../../../model/bus.ts";
import type { Timer } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { type Chances, connect, type OwnConnection } from "../connections/connector.ts";
import { waitMsDefault } from "../connections/limits.ts";
import type { DatabaseEngine } from "../port.ts";

export interface ListenerOptions extends Chances {
  readonly database: DatabaseEngine;
  /** Where the database is: listening takes a connection of its own. */
  readonly url: string;
  readonly log: Log;
}

/** Who listens on one channel. */
export interface Ear {
  /** Another instance has notified. */
  hear(text: string): void;
  /** Some notifications may have been missed: the connection was just opened, for the first time or again. */
  missed(): void;
}

const reconnectPause = { baseMs: 50, capMs: 5_000 } as const;
/** Of a UUID: each notification begins with its sender's name. */
const nameLength = 36;

/**
 * One connection on which PostgreSQL says what the other instances have notified, for all channels of this one. Lost,
 * it is opened again.
 */
export class Listener {
  readonly #options: ListenerOptions;
  /** Tells our own notifications from those of others. */
  readonly #name: string;
  readonly #ears = new Map<string, Ear>();
  #own: OwnConnection | undefined;
  #opening: Promise<void> | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  readonly #ending = new AbortController();

  constructor(options: ListenerOptions) {
    this.#options = options;
    // Not from `random`: instances that a test seeds alike must still hear one another.
    this.#name = randomUUID();
    this.#start();
  }

  /** One ear a channel. `channel` is an identifier of SQL. */
  on(channel: string, ear: Ear): Unsubscribe {
    this.#ears.set(channel, ear);
    if (this.#own) this.#listen(this.#own, channel).catch(() => undefined);
    return () => void this.#ears.delete(channel);
  }

  /** Tells the other instances; not this one. `text` has at most 7,900 bytes. */
  async notify(channel: string, text = ""): Promise<void> {
    await this.#options.database.platform.query("select pg_notify($1, $2)", [channel, this.#name + text]);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#retry?.cancel();
    await this.#opening;
    await this.#own?.end();
  }

  #start(): void {
    this.#opening = this.#open().catch((error) => this.#openLater(error));
  }

  async #open(): Promise<void> {
    const { url, clock, random } = this.#options;
    const settings = {
      url,
      schema: "trellis",
      applicationName: "trellis listener",
      statementTimeoutMs: 0,
      waitMs: waitMsDefault,
    };
    const own = await connect(settings, { clock, random, ending: this.#ending.signal });
    if (this.#ending.signal.aborted) return own.end();
    own.client.on("notification", ({ channel, payload = "" }) => {
      if (!payload.startsWith(this.#name)) this.#ears.get(channel)?.hear(payload.slice(nameLength));
    });
    own.client.once("end", () => this.#openLater(undefined));
    this.#own = own;
    await Promise.all([...this.#ears.keys()].map((channel) => this.#listen(own, channel)));
    this.#failures = 0;
  }

  async #listen(own: OwnConnection, channel: string): Promise<void> {
    await own.connection.run({ text: `listen ${channel}`, values: [] }).catch((error) => {
      // Its end opens another.
      void own.end();
      throw error;
    });
    // Sent between the loss and now: no notification came for it.
    this.#ears.get(channel)?.missed();
  }

  #openLater(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const { clock, random, log } = this.#options;
    this.#failures += 1;
    log.debug("The listener's connection was lost", { error });
    this.#own = undefined;
    this.#retry?.cancel();
    this.#retry = clock.after(backoffMs(this.#failures, random, reconnectPause), () => this.#start());
  }
}
