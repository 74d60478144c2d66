import type { Client, Failure, Result } from "trellis/contract";
import type { Link, linksContract } from "../src/contract.ts";
import { DemoError, exits } from "./arguments.ts";
import { atOnce } from "./at-once.ts";
import { compare } from "./compare.ts";
import { Progress } from "./progress.ts";
import { count, type ReplayParts, replay } from "./replay.ts";

/** The parts of the demo that tests replace. */
export interface DemoParts extends ReplayParts {
  readonly api: Client<typeof linksContract.routes>;
  readonly url: string;
}

const createsAtOnce = 16;

/**
 * Makes a link to each of the domains, follows them and says how it went and whether every click was counted: false
 * where it was not. Throws `DemoError`.
 */
export async function demo(
  parts: DemoParts,
  domains: readonly string[],
  load: { readonly clicks: number; readonly rate: number },
): Promise<boolean> {
  const { api, screen, nowMs, stop, url } = parts;
  const startedMs = nowMs();
  const links = await makeLinks(parts, domains);
  const made = links.filter(({ createdAt }) => Date.parse(createdAt) >= Math.floor(startedMs)).length;
  const took = ((nowMs() - startedMs) / 1_000).toFixed(1);
  screen.write(
    `${count(links.length)} links: ${count(made)} new, ${count(links.length - made)} made before, in ${took} s\n`,
  );
  const active = links.filter(({ state }) => state === "active");
  const [first] = active;
  if (!first || load.clicks === 0 || stop.aborted) return true;
  const before = agreed(url, await api.reconciliation.try());
  const replayed = await replay(parts, active, load);
  if (replayed.answered === 0 && replayed.unanswered > 0) throw notRunning(url);
  const agree = await compare(parts, before, replayed);
  screen.write(`Try one: ${first.url} leads to ${first.target}\n`);
  return agree;
}

async function makeLinks(parts: DemoParts, domains: readonly string[]): Promise<readonly Link[]> {
  const { api, url } = parts;
  const progress = new Progress(parts.screen, parts.nowMs, "Making links", domains.length);
  const links: Link[] = [];
  await atOnce(domains.entries(), createsAtOnce, async ([place, domain]) => {
    // With the same key, a second run gets the links of the first, as they were then.
    const options = { idempotencyKey: `links-demo-${domain}` };
    const made = agreed(url, await api.shorten.try({ body: { target: `https://${domain}/` } }, options));
    links[place] = { ...agreed(url, await api.read.try({ params: { code: made.code } })), url: made.url };
    progress.step();
  }).finally(() => progress.end());
  return links;
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
