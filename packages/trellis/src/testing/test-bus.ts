import type { Bus, Subscriber, Unsubscribe } from "../model/bus.ts";
import { scopeOf, type Transaction } from "../model/transaction.ts";
import { settled } from "./test-clock.ts";

/** The bus of one instance, in memory, and what can befall it. */
export interface TestBus extends Bus {
  /** The bus of another instance on the same network. */
  peer(): TestBus;
  /** From now on this instance hears nothing, itself neither. Others hear what it publishes. */
  cut(): void;
  /** The connection is back: what was published meanwhile arrives, or is lost for good and `missed` is called. */
  mend(outcome?: "replayed" | "lost"): void;
  /** Resolves when every message that was published so far has reached every instance that is not cut off. */
  delivered(): Promise<void>;
}

/** A bus in memory that keeps the promises of the real ones: what is published in a transaction waits for its commit. */
export function testBus(): TestBus {
  return new MemoryBus(new Set());
}

/** The buses of `count` instances on one network. */
export function testBuses(count: number): readonly TestBus[] {
  const first = testBus();
  return [first, ...Array.from({ length: count - 1 }, () => first.peer())];
}

class MemoryBus implements TestBus {
  readonly #network: Set<MemoryBus>;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  /** What was published while cut off. Undefined while connected. */
  #held: { readonly topic: string; readonly message: string }[] | undefined;

  constructor(network: Set<MemoryBus>) {
    this.#network = network;
    network.add(this);
  }

  async publish(topic: string, message: string, tx?: Transaction): Promise<void> {
    const send = (): void => {
      for (const bus of this.#network) bus.#arrive(topic, message);
    };
    if (tx) scopeOf(tx).afterCommit(send);
    else send();
  }

  subscribe(topic: string, subscriber: Subscriber): Unsubscribe {
    const subscribers = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, subscribers.add(subscriber));
    return () => void subscribers.delete(subscriber);
  }

  peer(): TestBus {
    return new MemoryBus(this.#network);
  }

  cut(): void {
    this.#held ??= [];
  }

  mend(outcome: "replayed" | "lost" = "replayed"): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (outcome === "replayed") for (const { topic, message } of held) this.#arrive(topic, message);
    else for (const subscribers of this.#subscribers.values()) for (const each of subscribers) each.missed();
  }

  delivered(): Promise<void> {
    return settled();
  }

  #arrive(topic: string, message: string): void {
    if (this.#held) {
      this.#held.push({ topic, message });
      return;
    }
    // Never within `publish`: a real bus's subscribers hear of it later too.
    queueMicrotask(() => {
      if (this.#held) this.#arrive(topic, message);
      else for (const subscriber of [...(this.#subscribers.get(topic) ?? [])]) subscriber.receive(message);
    });
  }
}
