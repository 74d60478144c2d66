import type { Purge } from "../model/purge.ts";
import type { InstanceTalk } from "./upstreams/frames-link.ts";

export interface GatewayTalkOptions {
  readonly purge: (purge: Purge) => void;
  readonly figures: () => Promise<string>;
}

/**
 * What our instances say to the gateway. Each says what it has heard itself is to be taken out of the edge cache, so that
 * what one gives before it has heard is taken out behind it; what several say is done as often.
 */
export class GatewayTalk implements InstanceTalk {
  readonly #options: GatewayTalkOptions;
  #links = 0;
  #wasCutOff = false;

  constructor(options: GatewayTalkOptions) {
    this.#options = options;
  }

  /** While no instance was there, purges may have been said that nobody has heard here. */
  linked(): void {
    this.#links += 1;
    if (!this.#wasCutOff) return;
    this.#wasCutOff = false;
    this.#options.purge({ all: true });
  }

  unlinked(): void {
    this.#links -= 1;
    if (this.#links === 0) this.#wasCutOff = true;
  }

  purge(purge: Purge): void {
    this.#options.purge(purge);
  }

  figures(): Promise<string> {
    return this.#options.figures();
  }
}
