import type { Stream } from "trellis";
import { settled, silentLog, testClock, testWakes } from "trellis/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { LiveClicks } from "../../contract.ts";
import type { Click } from "../click.ts";
import { LiveBoard, looksAtLeastEveryMs, looksEveryMs } from "./live-clicks.ts";

type Reads = Parameters<LiveBoard["watch"]>[0];

/** Books of two links that a test writes, and how often they were read. */
class Books {
  humans = new Map([
    [1, 0],
    [2, 0],
  ]);
  answered = 0;
  queries: number[][] = [];
  reachable = true;

  get counted(): number {
    return [...this.humans.values()].reduce((sum, one) => sum + one, 0);
  }

  click(link: number, { counted = true } = {}): void {
    this.answered++;
    if (counted) this.humans.set(link, (this.humans.get(link) ?? 0) + 1);
  }

  get reads(): Reads {
    const account = async () => {
      if (!this.reachable) throw new Error("connection refused");
      const lag = this.answered - this.counted;
      return { spooled: this.answered, inSpools: 0, forwarded: this.answered, unlogged: 0, lag, setAside: 0 };
    };
    // As much of a query builder as the board's one query takes.
    const execute = (ids: readonly bigint[]) => async () => {
      this.queries.push(ids.map(Number));
      return ids.map((id) => {
        const humans = BigInt(this.humans.get(Number(id)) ?? 0);
        return { link_id: id, humans, bots: 0n, previews: 0n, heads: 0n, clicks: null };
      });
    };
    const where = (_: string, __: string, ids: readonly bigint[]) => ({ execute: execute(ids) });
    const db = { selectFrom: () => ({ leftJoin: () => ({ select: () => ({ where }) }) }) };
    return { db: db as unknown as Reads["db"], clicks: { account } as Pick<Stream<Click>, "account"> };
  }
}

let clock: ReturnType<typeof testClock>;
let wakes: ReturnType<typeof testWakes>;
let books: Books;
let board: LiveBoard;

beforeEach(() => {
  clock = testClock();
  wakes = testWakes();
  books = new Books();
  board = new LiveBoard(wakes, clock, silentLog);
});

/** Somebody who looks at a link, and everything that was told. */
function viewer(link: number): { readonly told: LiveClicks[]; leave(): void; readonly ended: Promise<void> } {
  const leaving = new AbortController();
  const told: LiveClicks[] = [];
  const look = async (): Promise<void> => {
    for await (const one of board.watch(books.reads, link, leaving.signal)) told.push(one);
  };
  return { told, ended: look(), leave: () => leaving.abort() };
}

/** As a consumer tells it, after its commit. */
async function counted(): Promise<void> {
  board.counted();
  await settled();
}

describe("a board of live clicks", () => {
  test("asks once a second for a thousand viewers of two links, however much is counted", async () => {
    const viewers = Array.from({ length: 1_000 }, (_, place) => viewer(1 + (place % 2)));
    await settled();
    books.queries = [];
    for (let tenth = 0; tenth < 50; tenth++) {
      books.click(1);
      await counted();
      await clock.advance(looksEveryMs / 10);
    }
    expect(books.queries.length).toBeGreaterThanOrEqual(4);
    expect(books.queries.length).toBeLessThanOrEqual(6);
    for (const query of books.queries) expect(query).toEqual([1, 2]);
    await clock.advance(looksEveryMs);
    for (const [place, { told }] of viewers.entries()) expect(told.at(-1)?.total.humans).toBe(place % 2 === 0 ? 50 : 0);
  });

  test("tells each viewer what came since it began to look, and says nothing where nothing has changed", async () => {
    books.click(1);
    const early = viewer(1);
    await settled();
    books.click(1);
    await counted();
    await clock.advance(looksEveryMs);
    const late = viewer(1);
    await settled();
    books.click(1);
    await counted();
    await clock.advance(looksEveryMs);
    expect(early.told.map(({ total, since }) => [total.humans, since.humans])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(late.told.map(({ total, since }) => [total.humans, since.humans])).toEqual([
      [2, 0],
      [3, 1],
    ]);
    await clock.advance(10 * looksAtLeastEveryMs);
    expect(early.told).toHaveLength(3);
  });

  test("sees by itself what no wake has told", async () => {
    const { told } = viewer(1);
    await settled();
    wakes.cut();
    books.click(1);
    await clock.advance(looksAtLeastEveryMs);
    expect(told.at(-1)?.total.humans).toBe(1);
  });

  test("asks nothing when nobody looks", async () => {
    const one = viewer(1);
    await settled();
    one.leave();
    await one.ended;
    books.queries = [];
    await counted();
    await clock.advance(60_000);
    expect(books.queries).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(board.stats()).toMatchObject({ links: 0, listeners: 0 });
  });

  test("says how far behind the counts are, why, and that they have caught up", async () => {
    const { told } = viewer(1);
    await settled();
    books.click(1, { counted: false });
    await counted();
    await clock.advance(8 * looksEveryMs);
    expect(told.at(-1)?.behindMs).toBeGreaterThan(6_000);
    expect(told.at(-1)?.behindBecause).toContain("faster than they are counted");
    books.humans.set(1, 1);
    await clock.advance(looksEveryMs);
    expect(told.at(-1)).toMatchObject({ total: { humans: 1 }, behindMs: 0, behindBecause: null });
  });

  test("while the database is away it says so, keeps what it knows, and goes on afterwards", async () => {
    books.click(1);
    const { told } = viewer(1);
    await settled();
    books.reachable = false;
    await clock.advance(2 * looksAtLeastEveryMs);
    expect(told.at(-1)).toMatchObject({ total: { humans: 1 }, behindBecause: "The database cannot be reached" });
    expect(told.at(-1)?.behindMs).toBeGreaterThanOrEqual(looksAtLeastEveryMs);
    books.click(1);
    books.reachable = true;
    await clock.advance(looksAtLeastEveryMs);
    expect(told.at(-1)).toMatchObject({ total: { humans: 2 }, behindMs: 0, behindBecause: null });
  });
});
