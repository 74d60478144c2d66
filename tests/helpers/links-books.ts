import { linksContract, type Reconciliation } from "links/contract";
import { client } from "trellis/contract";
import { expect } from "vitest";
import { parseExposition } from "../../packages/trellis/src/telemetry/parse-exposition.contract.ts";
import type { ClickBook } from "./click-load.ts";

/** What Links itself says of its clicks, asked as the owner. */
export class LinksBooks {
  readonly #api;
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
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

  /**
   * Every answer was counted once, of each link; of those that got none, each was or was not. The gateway asks again
   * what an instance died of: it cannot know whether the first answer was already written, as any client that asks again.
   */
  async agreesWith(book: ClickBook): Promise<Reconciliation> {
    const told = await this.settled();
    const again = await this.#askedAgain();
    expect(told.counted).toBeGreaterThanOrEqual(book.answers);
    expect(told.counted).toBeLessThanOrEqual(book.answers + book.doubts + again);
    for (const [code, answered] of book.answered) {
      const { clicks } = await this.#api.read({ params: { code } });
      const counted = clicks.humans + clicks.bots + clicks.previews + clicks.heads;
      expect(counted, code).toBeGreaterThanOrEqual(answered);
      expect(counted, code).toBeLessThanOrEqual(answered + (book.unanswered.get(code) ?? 0) + again);
    }
    return told;
  }

  /** How many redirects the gateways that run now have answered by themselves. */
  answeredAtTheEdge(): Promise<number> {
    return this.#sum("trellis_edge_events_total");
  }

  /** By the gateways that run now. */
  #askedAgain(): Promise<number> {
    return this.#sum("trellis_gateway_retries_total");
  }

  async #sum(metric: string): Promise<number> {
    const answer = await fetch(`${this.#url}/metrics`, { headers: { authorization: `Bearer ${this.#key}` } });
    const samples = parseExposition(await answer.text()).get(metric)?.samples ?? [];
    return samples.reduce((sum, { value }) => sum + value, 0);
  }
}
