import { purgeBytesMax } from "../../frames/limits.ts";
import type { Bus } from "../../model/bus.ts";
import { TrellisError } from "../../model/errors.ts";
import { type Purge, readPurge } from "../../model/purge.ts";
import { scopeOf, type Transaction } from "../../model/transaction.ts";
import type { EdgeEngine } from "./port.ts";

export interface EdgeEngineOptions {
  readonly bus: Bus;
  /** Told of what this instance itself has purged, when it takes effect. */
  readonly onPurge?: (purge: Purge) => void;
}

/** The edge as instances reach it: each hears every purge, and tells it to the gateways that are connected to it. */
export interface OpenEdgeEngine extends EdgeEngine {
  /**
   * `tell` hears every purge of the app in the same turn in which this instance's caches hear what was told with it: those
   * of this instance before the call or the transaction resolves that purges, so that no answer leaves ahead of them.
   */
  listen(tell: (purge: Purge) => void): void;
  close(): void;
}

const topic = "edge";

/** Purges by the bus: whoever publishes one need not know which gateways there are, nor on which machine. */
export function openEdgeEngine({ bus, onPurge }: EdgeEngineOptions): OpenEdgeEngine {
  const endings: (() => void)[] = [];
  return {
    async purge(purge: Purge, tx?: Transaction): Promise<void> {
      const text = JSON.stringify(purge);
      if (Buffer.byteLength(text) > purgeBytesMax)
        throw new TrellisError("invalid-input", {
          says: `What is to be purged has more than ${purgeBytesMax} bytes`,
          cure: "Write the address as it is asked for, with what is not ASCII encoded.",
        });
      if (tx && onPurge) scopeOf(tx).afterCommit(() => onPurge(purge));
      await bus.publish(topic, text, tx);
      if (!tx) onPurge?.(purge);
    },
    listen: (tell) => {
      endings.push(
        bus.subscribe(topic, {
          // From a release that knows other purges than this one: better too much is purged.
          receive: (text) => tell(readPurge(text) ?? { all: true }),
          missed: () => tell({ all: true }),
        }),
      );
    },
    close: () => {
      for (const end of endings) end();
    },
  };
}
