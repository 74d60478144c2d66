import type { Bus, Unsubscribe } from "../../model/bus.ts";
import type { Transaction } from "../../model/transaction.ts";

/** What one instance tells the others: forget these keys and whatever has these tags. */
export interface Announcement {
  readonly keys: readonly string[];
  readonly tags: readonly string[];
}

export interface Listener {
  /** Another instance deleted something. `sameShape` is false where its release has another schema. */
  onDeleted(announcement: Announcement, sameShape: boolean): void;
  /** Announcements may have been missed for good. */
  onMissed(): void;
}

interface Message extends Announcement {
  readonly from: string;
  readonly shape: string;
}

/**
 * Carries deletions between the instances of one cache. Releases of different shapes share a topic, since each must
 * hear what the other deletes while one replaces the other; the shape is in the message.
 */
export class Announcements {
  readonly #bus: Bus;
  readonly #topic: string;
  readonly #from: string;
  readonly #shape: string;

  /** `from` tells this instance from all others. */
  constructor(bus: Bus, topic: string, from: string, shape: string) {
    this.#bus = bus;
    this.#topic = topic;
    this.#from = from;
    this.#shape = shape;
  }

  send({ keys, tags }: Announcement, tx?: Transaction): Promise<void> {
    const message: Message = { from: this.#from, shape: this.#shape, keys, tags };
    return this.#bus.publish(this.#topic, JSON.stringify(message), tx);
  }

  /** What this instance said itself is not heard again: it was done here before it was said. */
  listen(listener: Listener): Unsubscribe {
    return this.#bus.subscribe(this.#topic, {
      receive: (text) => {
        const message = parse(text);
        if (!message) listener.onMissed();
        else if (message.from !== this.#from) listener.onDeleted(message, message.shape === this.#shape);
      },
      missed: () => listener.onMissed(),
    });
  }
}

/** Nothing where the message comes from a release that writes them differently. */
function parse(text: string): Message | undefined {
  try {
    const message: Message = JSON.parse(text);
    return Array.isArray(message.keys) && Array.isArray(message.tags) ? message : undefined;
  } catch {
    return undefined;
  }
}
