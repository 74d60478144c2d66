import { randomUUID } from "node:crypto";
import type { Timer } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { type Chances, connect, type OwnConnection } from "../connections/connector.ts";
import { waitMsDefault } from "../connections/limits.ts";
import type { DatabaseEngine } from "../port.ts";

export interface ListenerOptions extends Chances {
  readonly database: DatabaseEngine;
  readonly url: string;
  readonly log: Log;
  /** Another instance has published, or may have while the connection was lost. */
  onWake(): void;
}

const channel = "trellis_message";
const reconnectPause = { baseMs: 50, capMs: 5_000 } as const;

/** One connection on which PostgreSQL says when others have published. Lost, it is opened again. */
export class Listener {
  readonly #options: ListenerOptions;
  /** Tells our own notifications from those of others. */
  readonly #name: string;
  #own: OwnConnection | undefined;
  #opening: Promise<void> | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  readonly #ending = new AbortController();

  constructor(options: ListenerOptions) {
    this.#options = options;
    // Not from `random`: instances that a test seeds alike must still hear one another.
    this.#name = randomUUID();
  }

  start(): void {
    this.#opening = this.#open().catch((error) => this.#openLater(error));
  }

  async wakeOthers(): Promise<void> {
    await this.#options.database.platform.query("select pg_notify($1, $2)", [channel, this.#name]);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#retry?.cancel();
    await this.#opening;
    await this.#own?.end();
  }

  async #open(): Promise<void> {
    const { url, onWake, clock, random } = this.#options;
    const settings = {
      url,
      schema: "trellis",
      applicationName: "trellis bus",
      statementTimeoutMs: 0,
      waitMs: waitMsDefault,
    };
    const own = await connect(settings, { clock, random, ending: this.#ending.signal });
    if (this.#ending.signal.aborted) return own.end();
    this.#own = own;
    own.client.on("notification", ({ payload }) => {
      if (payload !== this.#name) onWake();
    });
    own.client.once("end", () => this.#openLater(undefined));
    await own.connection.run({ text: `listen ${channel}`, values: [] }).catch((error) => {
      void own.end();
      throw error;
    });
    this.#failures = 0;
    // Published between the loss and now: no notification came for it.
    onWake();
  }

  #openLater(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const { clock, random, log } = this.#options;
    this.#failures += 1;
    log.debug("The listener's connection was lost", { error });
    this.#retry?.cancel();
    this.#retry = clock.after(backoffMs(this.#failures, random, reconnectPause), () => this.start());
  }
}
