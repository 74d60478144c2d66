import type { Unsubscribe } from "../../../model/bus.ts";
import type { Clock, Timer } from "../../../model/clock.ts";
import type { Log } from "../../../model/log.ts";
import type { Wakes } from "../../../model/wakes.ts";
import type { Listener } from "../listening/listener.ts";
import { wakesGatheredMs } from "./limits.ts";

export interface NotifyWakesOptions {
  readonly listener: Listener;
  readonly clock: Clock;
  readonly log: Log;
}

/** The wakes of one instance, over PostgreSQL's notifications. */
export interface NotifyWakes extends Wakes {
  close(): void;
}

const channel = "trellis_wake";
/** PostgreSQL takes 8,000 bytes, of which the listener needs some. */
const topicBytesMax = 200;
const topicsMax = 35;
const topicForm = new RegExp(`^[!-~]{1,${topicBytesMax}}$`);

export function openNotifyWakes(options: NotifyWakesOptions): NotifyWakes {
  return new PostgresWakes(options);
}

class PostgresWakes implements NotifyWakes {
  readonly #options: NotifyWakesOptions;
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Told to the others in this window. */
  #told = new Set<string>();
  /** Woken again since: told at the window's end. */
  #again = new Set<string>();
  #window: Timer | undefined;
  readonly #stopListening: Unsubscribe;
  #closed = false;

  constructor(options: NotifyWakesOptions) {
    this.#options = options;
    this.#stopListening = options.listener.on(channel, {
      hear: (topics) => {
        for (const topic of topics.split(" ")) this.#runAll(topic);
      },
      missed: () => {
        for (const topic of [...this.#waiting.keys()]) this.#runAll(topic);
      },
    });
  }

  wake(topic: string): void {
    if (this.#closed) return;
    this.#runAll(topic);
    if (this.#told.has(topic)) {
      this.#again.add(topic);
      return;
    }
    if (!topicForm.test(topic)) throw new TypeError(`"${topic}" cannot be the topic of a wake`);
    this.#told.add(topic);
    this.#tell([topic]);
    this.#window ??= this.#options.clock.after(wakesGatheredMs, this.#endWindow);
  }

  on(topic: string, run: () => void): Unsubscribe {
    // Each its own function: the same `run` may be there twice.
    const waiting = () => run();
    const all = this.#waiting.get(topic) ?? new Set();
    this.#waiting.set(topic, all.add(waiting));
    return () => {
      all.delete(waiting);
      if (all.size === 0 && this.#waiting.get(topic) === all) this.#waiting.delete(topic);
    };
  }

  close(): void {
    this.#closed = true;
    this.#window?.cancel();
    this.#stopListening();
  }

  readonly #endWindow = (): void => {
    this.#window = undefined;
    this.#told = this.#again;
    this.#again = new Set();
    if (this.#told.size === 0) return;
    const topics = [...this.#told];
    for (let from = 0; from < topics.length; from += topicsMax) this.#tell(topics.slice(from, from + topicsMax));
    this.#window = this.#options.clock.after(wakesGatheredMs, this.#endWindow);
  };

  #tell(topics: readonly string[]): void {
    // Lost, it only makes others late: whoever waits also looks by itself.
    this.#options.listener.notify(channel, topics.join(" ")).catch(() => undefined);
  }

  #runAll(topic: string): void {
    const waiting = this.#waiting.get(topic);
    if (!waiting) return;
    for (const run of [...waiting])
      try {
        run();
      } catch (error) {
        this.#options.log.error("Who waited for a wake failed", { topic, error });
      }
  }
}
