import type { EngineName } from "../../model/block.ts";
import type { Purge } from "../../model/purge.ts";
import type { Transaction, Transactional } from "../../model/transaction.ts";

/**
 * What the gateway keeps of a service's answers, as their headers and the contract's `edge` say. A purge is passed on to
 * every gateway process within a moment; what was asked for before it arrives is not stored after it.
 */
export interface Edge extends Transactional {
  /** What this service has answered with any of these tags. Throws `invalid-input` for one that no answer can have. */
  purge(...tags: readonly string[]): Promise<void>;
  /** What is kept of an address such as `https://go.example/a?b=1`, by `http` and by `https`. */
  purgeUrl(url: string): Promise<void>;
  /** Everything that this service has answered. */
  purgeAll(): Promise<void>;
}

/** Takes answers out of the edge caches of all gateways. */
export interface EdgeEngine {
  /** Resolves when it can no longer be lost. With `tx`: takes effect with its commit, or not at all. */
  purge(purge: Purge, tx?: Transaction): Promise<void>;
}

/** What must be there to open the block. */
export const edgeEngine: EngineName<EdgeEngine> = "edge";
