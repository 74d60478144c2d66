import { parseArgs } from "node:util";

/** What the demo is asked to do. */
export interface DemoArguments {
  /** Left out: the app that runs here. */
  readonly url: string | undefined;
  readonly key: string | undefined;
  /** How many links are made, one for each of so many well-known sites. */
  readonly links: number;
  /** How many times a link is followed, over all links; infinite: until someone asks it to stop. */
  readonly clicks: number;
  /** How many times a second; infinite: as fast as it goes. */
  readonly rate: number;
}

/** Ends the demo: what is wrong, how to mend it, and the exit code. */
export class DemoError extends Error {
  override readonly name = "DemoError";
  readonly exit: number;

  constructor(says: string, exit: number) {
    super(says);
    this.exit = exit;
  }
}

/** As in BSD's sysexits.h. */
export const exits = { usage: 64, unavailable: 69, software: 70, config: 78 } as const;

/** There are so many sites to make links to. */
export const linksMax = 500;

export const help = `Makes a link to each of 500 well-known sites, then replays clicks: real browsers, robots, referrers and
addresses of all countries, some links followed often and most seldom. At the end it asks what became of every click.

  npm run demo -- [--url URL] [--key KEY] [--links N] [--clicks N|forever] [--rate N]

  --url      where Trellis answers: the app that runs here where it is left out
  --key      a key with links:write, links:read and links:reconcile, else TRELLIS_KEY; for the app that runs here one
             is made and revoked again
  --links    how many links: 500
  --clicks   how many times links are followed: 200000; forever: until you press Ctrl+C
  --rate     how many times a second; as fast as it goes where it is left out
`;

const options = {
  url: { type: "string" },
  key: { type: "string" },
  links: { type: "string", default: String(linksMax) },
  clicks: { type: "string", default: "200000" },
  rate: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Reads the command line; `"help"` where that was asked for. Throws `DemoError`. */
export function readArguments(
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoArguments | "help" {
  const { url, key = environment.TRELLIS_KEY?.trim(), help: helpAsked, ...numbers } = parsed(given);
  if (helpAsked) return "help";
  if (url !== undefined && !URL.parse(url)?.protocol.startsWith("http"))
    throw new DemoError(`--url is "${url}", not an http address`, exits.usage);
  const links = whole("links", numbers.links, 1, linksMax);
  const clicks = numbers.clicks === "forever" ? Number.POSITIVE_INFINITY : whole("clicks", numbers.clicks, 0, 1e9);
  const rate = numbers.rate === undefined ? Number.POSITIVE_INFINITY : whole("rate", numbers.rate, 1, 1e6);
  if (url !== undefined && !key)
    throw new DemoError(
      "Making links needs a key. The first start prints one; another is made with\n\n" +
        "  npm run trellis -- key new --owner\n\nGive it with --key, or set TRELLIS_KEY.",
      exits.config,
    );
  return { url: url?.replace(/\/+$/, ""), key: key || undefined, links, clicks, rate };
}

function whole(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number >= least && number <= most) return number;
  throw new DemoError(`--${name} is "${text}", not a whole number from ${least} to ${most}`, exits.usage);
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}\n\n${help}`, exits.usage);
  }
}
