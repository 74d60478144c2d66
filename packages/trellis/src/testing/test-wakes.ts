import type { Unsubscribe } from "../model/bus.ts";
import type { Wakes } from "../model/wakes.ts";

/** The wakes of one instance, in memory, and what can befall them. */
export interface TestWakes extends Wakes {
  /** The wakes of another instance on the same network. */
  peer(): TestWakes;
  /** From now on this instance hears nothing, and nobody hears what it says. */
  cut(): void;
  /** The connection is back. As wakes may have been lost, whoever listens here is woken. */
  mend(): void;
}

/** Wakes in memory that keep the promises of the real ones: many of one topic in a turn of the event loop are one. */
export function testWakes(): TestWakes {
  return new MemoryWakes(new Set());
}

class MemoryWakes implements TestWakes {
  readonly #network: Set<MemoryWakes>;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #said = new Set<string>();
  #connected = true;

  constructor(network: Set<MemoryWakes>) {
    this.#network = network;
    network.add(this);
  }

  wake(topic: string): void {
    if (this.#said.size === 0) queueMicrotask(() => this.#send());
    this.#said.add(topic);
  }

  on(topic: string, run: () => void): Unsubscribe {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(run));
    return () => {
      listeners.delete(run);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  peer(): TestWakes {
    return new MemoryWakes(this.#network);
  }

  cut(): void {
    this.#connected = false;
  }

  mend(): void {
    this.#connected = true;
    for (const topic of [...this.#listeners.keys()]) this.#hear(topic);
  }

  #send(): void {
    const topics = [...this.#said];
    this.#said.clear();
    if (!this.#connected) return;
    for (const wakes of this.#network) if (wakes.#connected) for (const topic of topics) wakes.#hear(topic);
  }

  #hear(topic: string): void {
    for (const run of [...(this.#listeners.get(topic) ?? [])]) run();
  }
}
