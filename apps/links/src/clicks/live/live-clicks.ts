import type { Queries, Stream } from "trellis";
import { type Block, block, type Clock, type Log, type Timer, type Wakes, wakesEngine } from "trellis/block";
import type { LiveClicks } from "../../contract.ts";
import type { Tables } from "../../tables.ts";
import type { Click } from "../click.ts";
import { inFlight } from "../in-flight.ts";
import { lessSeries } from "../series.ts";
import { Arrears } from "./arrears.ts";
import { type LinkState, readStates } from "./read-states.ts";
import { WatchedLink } from "./watched-link.ts";

/** However many clicks are counted, and however many look on, an instance looks no more often. */
export const looksEveryMs = 1_000;

/** Where nothing was heard for so long, it looks by itself: what tells it may be lost. */
export const looksAtLeastEveryMs = 5_000;

/** So much is no more than the way that every click has. */
const momentMs = 5_000;

const topic = "links.clicks";

/** Declares what shows clicks as they are counted: one for all who look on in an instance. */
export function liveClicks(): Block<"live-clicks", LiveBoard> {
  return block({
    kind: "live-clicks",
    needs: [wakesEngine],
    limits: [
      {
        name: "time between looks at the counts",
        value: looksEveryMs,
        unit: "ms",
        set: "fixed: one query for all who look on",
      },
    ],
    open: ({ engine, clock, log }) => {
      const board = new LiveBoard(engine(wakesEngine), clock, log);
      return { handle: board, stats: () => board.stats(), close: async () => board.close() };
    },
  });
}

/** The blocks that it reads. */
interface Reads {
  readonly db: Queries<Tables>;
  readonly clicks: Pick<Stream<Click>, "account">;
}

/** What was counted of the links that somebody looks at, read once for all of them. */
export class LiveBoard {
  readonly #wakes: Wakes;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopListening: () => void;
  readonly #watched = new Map<number, WatchedLink>();
  readonly #arrears = new Arrears();
  #reads: Reads | undefined;
  #timer: Timer | undefined;
  #looking = false;
  #looks = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lastGoodAt: number | undefined;
  #moved = false;
  #behind: Pick<LiveClicks, "behindMs" | "behindBecause"> = { behindMs: 0, behindBecause: null };

  constructor(wakes: Wakes, clock: Clock, log: Log) {
    this.#wakes = wakes;
    this.#clock = clock;
    this.#log = log;
    this.#stopListening = wakes.on(topic, () => {
      this.#moved = true;
      this.#schedule();
    });
  }

  /** Something has been counted: whoever looks on, on whatever instance, is to see it. */
  counted(): void {
    this.#wakes.wake(topic);
  }

  /** How a link stands, at once and whenever that has changed, until `signal` is aborted. */
  async *watch(reads: Reads, link: number, signal: AbortSignal): AsyncGenerator<LiveClicks> {
    this.#reads = reads;
    const watched = this.#join(link);
    try {
      if (!watched.state) await this.#look([watched]);
      const before = watched.state?.total;
      let version = -1;
      while (!signal.aborted) {
        if (watched.state && version !== watched.version) {
          version = watched.version;
          yield this.#told(watched.state, before ?? watched.state.total);
        }
        await watched.after(version, signal);
      }
    } finally {
      this.#leave(watched);
    }
  }

  stats(): Readonly<Record<string, number>> {
    let listeners = 0;
    for (const watched of this.#watched.values()) listeners += watched.listeners;
    return { links: this.#watched.size, listeners, looks: this.#looks };
  }

  close(): void {
    this.#stopListening();
    this.#timer?.cancel();
    this.#watched.clear();
  }

  #told({ total, latest }: LinkState, before: LinkState["total"]): LiveClicks {
    const at = new Date(this.#clock.now()).toISOString();
    return { at, total, since: lessSeries(total, before), latest: [...latest], ...this.#behind };
  }

  #join(link: number): WatchedLink {
    const watched = this.#watched.get(link) ?? new WatchedLink(link);
    this.#watched.set(link, watched);
    watched.listeners++;
    this.#schedule();
    return watched;
  }

  #leave(watched: WatchedLink): void {
    watched.listeners--;
    if (watched.listeners > 0) return;
    this.#watched.delete(watched.link);
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#looking || this.#watched.size === 0) return;
    this.#timer?.cancel();
    const everyMs = this.#moved || this.#behind.behindMs > 0 ? looksEveryMs : looksAtLeastEveryMs;
    const dueMs = Math.min(everyMs, Math.max(0, this.#lookedAt + everyMs - this.#clock.now()));
    this.#timer = this.#clock.after(dueMs, () => void this.#lookAtAll());
  }

  async #lookAtAll(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    this.#moved = false;
    this.#lookedAt = this.#clock.now();
    await this.#look([...this.#watched.values()]);
    this.#looking = false;
    this.#schedule();
  }

  /** Never fails: whoever looks on is told that nothing new is known, and why. */
  async #look(links: readonly WatchedLink[]): Promise<void> {
    if (!this.#reads) return;
    const { db, clicks } = this.#reads;
    const behindBefore = this.#behind.behindMs;
    this.#looks++;
    let states: ReadonlyMap<number, LinkState> | undefined;
    try {
      // The account first: what is counted between the two reads is rather shown than said to be behind.
      const account = await clicks.account();
      states = await readStates(
        db,
        links.map(({ link }) => link),
      );
      const nowMs = this.#clock.now();
      const behindMs = this.#arrears.note(nowMs, account.spooled, account.spooled - inFlight(account));
      this.#lastGoodAt = nowMs;
      this.#behind = {
        behindMs,
        behindBecause: behindMs > momentMs ? "Clicks come faster than they are counted" : null,
      };
    } catch (cause) {
      this.#log.warn("Clicks cannot be shown as they are counted", { cause });
      const sinceMs = this.#clock.now() - (this.#lastGoodAt ?? this.#clock.now());
      this.#behind = { behindMs: Math.max(0, sinceMs), behindBecause: "The database cannot be reached" };
    }
    for (const watched of links) this.#tell(watched, states?.get(watched.link), behindBefore !== this.#behind.behindMs);
  }

  #tell(watched: WatchedLink, read: LinkState | undefined, behindChanged: boolean): void {
    const { state } = watched;
    const next = read ?? state;
    if (!next) return;
    if (!state || behindChanged || !isSame(state, next)) watched.tell(next);
  }
}

function isSame({ total: one }: LinkState, { total: other }: LinkState): boolean {
  return (
    one.humans === other.humans &&
    one.bots === other.bots &&
    one.previews === other.previews &&
    one.heads === other.heads
  );
}
