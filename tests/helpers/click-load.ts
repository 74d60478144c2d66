import { onTestFinished } from "vitest";
import { Follower } from "../../apps/links/demo/follower.ts";

const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/** How often each link was followed, and how often nobody knows whether it was. */
export class ClickBook {
  /** How often somebody has begun to ask. */
  asked = 0;
  readonly answered = new Map<string, number>();
  readonly unanswered = new Map<string, number>();
  /** The answers again, by the series that each of them belongs to. */
  readonly ofSeries = { humans: 0, bots: 0, heads: 0 };

  get answers(): number {
    return sum(this.answered);
  }

  get doubts(): number {
    return sum(this.unanswered);
  }
}

export interface ClickLoad {
  /** Resolves when the book has so many answers. */
  until(answers: number): Promise<void>;
  /** Asks nothing more. Resolves when every answer has come, or cannot come any more. */
  stop(): Promise<void>;
  /** Resolves when nothing answers any more. */
  readonly ended: Promise<unknown>;
}

/** Follows links as fast as it goes, `atOnce` at a time, and keeps book of every answer, until nothing answers. */
export function clickLoad(url: string, codes: readonly string[], book: ClickBook, atOnce = 16): ClickLoad {
  const follower = new Follower(url, atOnce);
  onTestFinished(() => follower.close());
  let stopped = false;
  let turn = 0;
  let waiting: { readonly answers: number; readonly go: () => void } | undefined;
  const follow = async (): Promise<void> => {
    while (!stopped) {
      const place = turn++;
      const code = codes[place % codes.length] ?? "";
      const userAgent = place % 5 === 0 ? googlebot : chrome;
      const method = place % 20 === 7 ? "HEAD" : "GET";
      const ip = `8.8.${place % 200}.8`;
      book.asked += 1;
      const { status } = await follower.follow(code, { method, ip, userAgent, referer: "https://example.org/" });
      count(status === 302 ? book.answered : book.unanswered, code);
      if (status === undefined) return;
      book.ofSeries[method === "HEAD" ? "heads" : userAgent === googlebot ? "bots" : "humans"] += 1;
      if (status !== 302) throw new Error(`${code} answered ${status}`);
      if (waiting && book.answers >= waiting.answers) waiting.go();
    }
  };
  const ended = Promise.all(Array.from({ length: atOnce }, follow));
  return {
    ended,
    until: (answers) =>
      new Promise((resolve, reject) => {
        waiting = { answers, go: resolve };
        if (book.answers >= answers) resolve();
        ended.then(() => reject(new Error("Nothing answers any more")), reject);
      }),
    stop: async () => {
      stopped = true;
      await ended;
    },
  };
}

function count(counts: Map<string, number>, code: string): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0);
}
