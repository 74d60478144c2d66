import { linksContract, type Reconciliation } from "links/contract";
import { client } from "trellis/contract";
import { expect } from "vitest";
import type { ClickBook } from "./click-load.ts";

/** What Links itself says of its clicks, asked as the owner. */
export class LinksBooks {
  readonly #api;

  constructor(url: string, key: string) {
    this.#api = client(linksContract, { url, key, timeoutMs: 60_000 });
  }

  /** Checks that it adds up, whatever the moment. */
  async reconciliation(): Promise<Reconciliation> {
    const { answered, counted, inFlight, unlogged, series } = await this.#api.reconciliation();
    expect({ answered, of: "answered" }).toEqual({ answered: counted + inFlight + unlogged, of: "answered" });
    expect(series.humans + series.bots + series.previews + series.heads).toBe(counted);
    return { answered, counted, inFlight, unlogged, series };
  }

  /** When nothing is in flight any more. */
  async settled(timeoutMs = 60_000): Promise<Reconciliation> {
    await expect
      .poll(async () => (await this.reconciliation()).inFlight, { timeout: timeoutMs, interval: 200 })
      .toBe(0);
    return this.reconciliation();
  }

  /** Every answer was counted once, of each link; of those that got none, each was or was not. */
  async agreesWith(book: ClickBook): Promise<Reconciliation> {
    const told = await this.settled();
    expect(told.counted).toBeGreaterThanOrEqual(book.answers);
    expect(told.counted).toBeLessThanOrEqual(book.answers + book.doubts);
    for (const [code, answered] of book.answered) {
      const { clicks } = await this.#api.read({ params: { code } });
      const counted = clicks.humans + clicks.bots + clicks.previews + clicks.heads;
      expect(counted, code).toBeGreaterThanOrEqual(answered);
      expect(counted, code).toBeLessThanOrEqual(answered + (book.unanswered.get(code) ?? 0));
    }
    return told;
  }
}
