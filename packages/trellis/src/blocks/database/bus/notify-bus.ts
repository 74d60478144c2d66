import { LRUCache } from "lru-cache";
import type { Bus, Subscriber, Unsubscribe } from "../../../model/bus.ts";
import type { Timer } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import type { Sql } from "../../../model/sql.ts";
import { scopeOf, type Transaction } from "../../../model/transaction.ts";
import type { Chances } from "../connections/connector.ts";
import type { Listener } from "../listening/listener.ts";
import type { DatabaseEngine, Migrations } from "../port.ts";
import { pollMs } from "./limits.ts";
import { MessageReader } from "./message-reader.ts";

export interface NotifyBusOptions extends Chances {
  readonly database: DatabaseEngine;
  /** Hears when others have published. The bus does not close it. */
  readonly listener: Listener;
  readonly log: Log;
}

/** The bus of one instance, over PostgreSQL. */
export interface NotifyBus extends Bus {
  close(): void;
}

/** The bus's table. Run them before it is opened. */
export const busMigrations: Migrations = {
  owner: "trellis:bus",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
};

const channel = "trellis_message";
/** Between two removals of old messages, up to twice as long. */
const tidyMs = 300_000;
/** How many of this instance's own messages are known not to be news to it. */
const ownMax = 10_000;

/** Resolves when every message that is published from now on will arrive. */
export async function openNotifyBus(options: NotifyBusOptions): Promise<NotifyBus> {
  const bus = new PostgresBus(options);
  await bus.start();
  return bus;
}

class PostgresBus implements NotifyBus {
  readonly #options: NotifyBusOptions;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #own = new LRUCache<string, true>({ max: ownMax });
  readonly #reader: MessageReader;
  #stopListening: Unsubscribe | undefined;
  #poll: Timer | undefined;
  #tidy: Timer | undefined;
  #reading: Promise<void> | undefined;
  #readAgain = false;
  #wakeScheduled = false;
  #closed = false;

  constructor(options: NotifyBusOptions) {
    this.#options = options;
    this.#reader = new MessageReader(options.database.platform, options.clock);
  }

  async start(): Promise<void> {
    await this.#reader.begin();
    const read = (): void => this.#read();
    this.#stopListening = this.#options.listener.on(channel, { hear: read, missed: read });
    this.#pollLater();
    this.#tidyLater();
  }

  async publish(topic: string, message: string, tx?: Transaction): Promise<void> {
    const { database } = this.#options;
    if (!tx && database.openTransactionHere())
      throw new TrellisError("outside-transaction", {
        says: "A message was published outside of the open transaction",
      });
    const scope = tx && scopeOf(tx);
    const id = await insert(scope ?? database.platform, topic, message);
    const sent = (): void => {
      this.#own.set(id, true);
      this.#deliver(topic, message);
      this.#wakeOthers();
    };
    if (scope) scope.afterCommit(sent);
    else sent();
  }

  subscribe(topic: string, subscriber: Subscriber): Unsubscribe {
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(subscriber));
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#subscribers.get(topic) === subscribers) this.#subscribers.delete(topic);
    };
  }

  close(): void {
    this.#closed = true;
    this.#poll?.cancel();
    this.#tidy?.cancel();
    this.#stopListening?.();
    // A read that is under way is the database's to wait for: it would wait here for a server that is gone.
  }

  /** Once per turn of the event loop, and after the commits: a NOTIFY inside would let only one commit at a time. */
  #wakeOthers(): void {
    if (this.#wakeScheduled) return;
    this.#wakeScheduled = true;
    setImmediate(() => {
      this.#wakeScheduled = false;
      // Lost, it only makes others late: they also look by themselves.
      if (!this.#closed) this.#options.listener.notify(channel).catch(() => undefined);
    });
  }

  /** One read at a time; one that is asked for meanwhile follows, since it may see more. */
  #read(): void {
    if (this.#closed) return;
    if (this.#reading !== undefined) {
      this.#readAgain = true;
      return;
    }
    this.#reading = this.#readNews().finally(() => {
      this.#reading = undefined;
      if (!this.#readAgain) return;
      this.#readAgain = false;
      this.#read();
    });
  }

  async #readNews(): Promise<void> {
    try {
      const { messages, missed } = await this.#reader.read();
      if (this.#closed) return;
      if (missed) this.#tellMissed();
      for (const { id, topic, body } of messages) if (!this.#own.delete(id)) this.#deliver(topic, body);
    } catch (error) {
      // Nothing is lost: the next read begins where the last one that succeeded ended.
      this.#options.log.debug("Messages could not be read", { error });
    }
  }

  #deliver(topic: string, message: string): void {
    for (const subscriber of [...(this.#subscribers.get(topic) ?? [])]) this.#call(() => subscriber.receive(message));
  }

  #tellMissed(): void {
    for (const subscribers of [...this.#subscribers.values()])
      for (const subscriber of [...subscribers]) this.#call(() => subscriber.missed());
  }

  #call(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error("A subscriber failed", { error });
    }
  }

  #pollLater(): void {
    this.#poll = this.#options.clock.after(pollMs, () => {
      this.#read();
      this.#pollLater();
    });
  }

  #tidyLater(): void {
    const { clock, random, log } = this.#options;
    this.#tidy = clock.after(tidyMs * (1 + random()), () => {
      this.#reader.removeOld().catch((error) => log.debug("Old messages could not be removed", { error }));
      this.#tidyLater();
    });
  }
}

async function insert(sql: Sql, topic: string, body: string): Promise<string> {
  const [row] = await sql.query<{ id: bigint }>(
    "insert into trellis.message (topic, body) values ($1, $2) returning id",
    [topic, body],
  );
  return String(row?.id);
}
