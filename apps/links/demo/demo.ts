import type { Client, Failure, Result } from "trellis/contract";
import type { Link, linksContract } from "../src/contract.ts";
import { DemoError, exits } from "./arguments.ts";
import { atOnce } from "./at-once.ts";
import { percentile } from "./percentile.ts";
import { Progress, type Screen } from "./progress.ts";

/** The parts of the demo that tests replace. */
export interface DemoParts {
  readonly api: Client<typeof linksContract.routes>;
  readonly url: string;
  readonly screen: Screen;
  /** Milliseconds since 1970, with fractions. */
  readonly nowMs: () => number;
}

const createsAtOnce = 16;
const followsAtOnce = 32;

/** Makes a link to each of the domains, follows links `follows` times and says how it went. Throws `DemoError`. */
export async function demo(parts: DemoParts, domains: readonly string[], follows: number): Promise<void> {
  const startedMs = parts.nowMs();
  const links = await makeLinks(parts, domains);
  const made = links.filter(({ createdAt }) => Date.parse(createdAt) >= Math.floor(startedMs)).length;
  const took = seconds(parts.nowMs() - startedMs);
  parts.screen.write(
    `${count(links.length)} links: ${count(made)} new, ${count(links.length - made)} made before, in ${took}\n`,
  );
  const [first] = links;
  if (!first) return;
  if (follows > 0) await followLinks(parts, links, follows);
  parts.screen.write(`Try one: ${first.url} leads to ${first.target}\n`);
}

async function makeLinks(parts: DemoParts, domains: readonly string[]): Promise<readonly Link[]> {
  const progress = new Progress(parts.screen, parts.nowMs, "Making links", domains.length);
  const links: Link[] = [];
  await atOnce(domains.entries(), createsAtOnce, async ([place, domain]) => {
    // With the same key, a second run gets the links of the first.
    const options = { idempotencyKey: `links-demo-${domain}` };
    links[place] = agreed(parts.url, await parts.api.shorten.try({ body: { target: `https://${domain}/` } }, options));
    progress.step();
  }).finally(() => progress.end());
  return links;
}

async function followLinks(parts: DemoParts, links: readonly Link[], follows: number): Promise<void> {
  const progress = new Progress(parts.screen, parts.nowMs, "Following", follows);
  const latenciesMs: number[] = [];
  const startedMs = parts.nowMs();
  await atOnce(Array(follows).keys(), followsAtOnce, async (turn) => {
    const link = links[turn % links.length];
    if (!link) return;
    const askedMs = parts.nowMs();
    const followed = await parts.api.follow.try({ params: { code: link.code } });
    latenciesMs.push(parts.nowMs() - askedMs);
    if (!followed.ok || followed.value.to !== link.target) await explain(parts, link, followed);
    progress.step();
  }).finally(() => progress.end());
  const tookMs = parts.nowMs() - startedMs;
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(latenciesMs, share).toFixed(1)} ms`);
  parts.screen.write(
    `${count(follows)} followed, each to its target, in ${seconds(tookMs)}: ${count(Math.round((1_000 * follows) / tookMs))}/s, ` +
      `p50 ${p50}, p99 ${p99} with ${followsAtOnce} at once\n`,
  );
}

/** A link of an earlier run may have been changed or archived since: then it leads where it should. */
async function explain(parts: DemoParts, link: Link, followed: Result<{ to: string }, Failure>): Promise<void> {
  if (!followed.ok && followed.failure.code === "unavailable") throw notRunning(parts.url);
  const present = agreed(parts.url, await parts.api.read.try({ params: { code: link.code } }));
  const led = followed.ok ? followed.value.to : followed.failure.code;
  if (led === (present.state === "archived" ? "link-archived" : present.target)) return;
  throw new DemoError(`${link.url} gave ${led} instead of ${present.target}`, exits.software);
}

function agreed<Value>(url: string, result: Result<Value, Failure>): Value {
  if (result.ok) return result.value;
  if (result.failure.code === "unavailable") throw notRunning(url);
  throw new DemoError(
    `${url} refused: ${result.failure.code} ${JSON.stringify(result.failure.detail)}`,
    exits.software,
  );
}

function notRunning(url: string): DemoError {
  return new DemoError(
    `Nothing answers at ${url}. Start it in another terminal, or say where it is with --url:\n\n  npm start`,
    exits.unavailable,
  );
}

const count = (number: number): string => number.toLocaleString("en");
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
