import type { LinkState } from "./read-states.ts";

/** One link that somebody looks at: what is known of it, and who waits for more. */
export class WatchedLink {
  readonly link: number;
  listeners = 0;
  /** Grows with each state. */
  version = 0;
  state: LinkState | undefined;
  #waiting: (() => void)[] = [];

  constructor(link: number) {
    this.link = link;
  }

  /** Tells everybody who waits. */
  tell(state: LinkState): void {
    this.state = state;
    this.version++;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Resolves when there is a later version than `version`, or `signal` is aborted. */
  async after(version: number, signal: AbortSignal): Promise<void> {
    if (this.version > version || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      this.#waiting.push(go);
      signal.addEventListener("abort", go, { once: true });
    });
  }
}
