import type { Purge } from "../model/purge.ts";
import type { LinkPurges } from "./upstreams/frames-link.ts";

/**
 * What our instances say is to be taken out of the edge cache. Each says what it has heard itself, so that what one gives
 * before it has heard is taken out behind it; whoever hears the same of several instances does it again.
 */
export class PurgeFeed implements LinkPurges {
  readonly #purge: (purge: Purge) => void;
  #links = 0;
  #wasCutOff = false;

  constructor(purge: (purge: Purge) => void) {
    this.#purge = purge;
  }

  /** While no instance was there, purges may have been said that nobody has heard here. */
  linked(): void {
    this.#links += 1;
    if (!this.#wasCutOff) return;
    this.#wasCutOff = false;
    this.#purge({ all: true });
  }

  unlinked(): void {
    this.#links -= 1;
    if (this.#links === 0) this.#wasCutOff = true;
  }

  purge(purge: Purge): void {
    this.#purge(purge);
  }
}
