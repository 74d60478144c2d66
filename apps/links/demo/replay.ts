import type { Link } from "../src/contract.ts";
import { DemoError, exits } from "./arguments.ts";
import { atOnce } from "./at-once.ts";
import type { Follower } from "./follower.ts";
import { percentile } from "./percentile.ts";
import { Progress, type Screen } from "./progress.ts";
import type { Traffic } from "./traffic.ts";

export interface ReplayParts {
  readonly screen: Screen;
  /** Milliseconds since 1970, with fractions. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Aborted when someone asks it to stop. */
  readonly stop: AbortSignal;
  readonly follower: Pick<Follower, "follow">;
  readonly traffic: Pick<Traffic, "next">;
}

/** How many clicks were answered, and how many may have been. */
export interface Replayed {
  readonly answered: number;
  /** Asked, but no answer came: nobody but the app knows whether it was counted. */
  readonly unanswered: number;
}

const atOnceMax = 64;

/** Only the last ones, so that a replay without an end needs no more memory. */
const latenciesMax = 100_000;

/** Follows links `clicks` times, at most `rate` a second. Throws `DemoError` where a link leads to the wrong place. */
export async function replay(
  parts: ReplayParts,
  links: readonly Link[],
  { clicks, rate }: { readonly clicks: number; readonly rate: number },
): Promise<Replayed> {
  const { screen, nowMs, stop, follower, traffic } = parts;
  const progress = new Progress(screen, nowMs, "Following", clicks);
  const latenciesMs: number[] = [];
  let [answered, unanswered, begun] = [0, 0, 0];
  const startedMs = nowMs();
  const turns = function* (): Generator<number> {
    while (begun < clicks && !stop.aborted) yield begun++;
  };
  await atOnce(turns(), Math.min(atOnceMax, clicks), async (turn) => {
    await untilDue(parts, startedMs + (1_000 * turn) / rate);
    const { link: place, ...visit } = traffic.next();
    const link = links[place % links.length];
    if (!link || stop.aborted) return;
    const askedMs = nowMs();
    const { status, location } = await follower.follow(link.code, visit);
    latenciesMs[answered % latenciesMax] = nowMs() - askedMs;
    if (status === undefined) unanswered++;
    else if (status === 302 && location === link.target) answered++;
    else throw new DemoError(`${link.url} gave ${location ?? status} instead of ${link.target}`, exits.software);
    progress.step();
  }).finally(() => progress.end());
  const tookMs = Math.max(1, nowMs() - startedMs);
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(latenciesMs, share).toFixed(1)} ms`);
  screen.write(
    `${count(answered)} followed, each to its target, in ${(tookMs / 1_000).toFixed(1)} s: ` +
      `${count(Math.round((1_000 * answered) / tookMs))}/s, p50 ${p50}, p99 ${p99} with ${atOnceMax} at once\n`,
  );
  return { answered, unanswered };
}

async function untilDue({ nowMs, sleep, stop }: ReplayParts, dueMs: number): Promise<void> {
  for (let leftMs = dueMs - nowMs(); leftMs > 0 && !stop.aborted; leftMs = dueMs - nowMs())
    await sleep(Math.min(leftMs, 200));
}

export function count(number: number): string {
  return number.toLocaleString("en");
}
