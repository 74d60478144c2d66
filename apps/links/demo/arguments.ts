import { parseArgs } from "node:util";

/** What the demo is asked to do. */
export interface DemoArguments {
  readonly url: string;
  readonly key: string;
  /** How many times a link is followed, over all links. */
  readonly follows: number;
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

export const help = `Makes a link to each of 500 well-known sites, then follows them.

  npm run demo -- [--url URL] [--key KEY] [--follows N]

  --url      where Trellis answers: http://localhost:3000
  --key      a key with the scopes links:write and links:read; TRELLIS_KEY where it is left out
  --follows  how many times links are followed: 5000
`;

const options = {
  url: { type: "string", default: "http://localhost:3000" },
  key: { type: "string" },
  follows: { type: "string", default: "5000" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Reads the command line; `"help"` where that was asked for. Throws `DemoError`. */
export function readArguments(
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoArguments | "help" {
  const { url, key = environment.TRELLIS_KEY?.trim(), follows, help: helpAsked } = parsed(given);
  if (helpAsked) return "help";
  if (!URL.parse(url)?.protocol.startsWith("http"))
    throw new DemoError(`--url is "${url}", not an http address`, exits.usage);
  if (!/^\d{1,9}$/.test(follows)) throw new DemoError(`--follows is "${follows}", not a whole number`, exits.usage);
  if (!key)
    throw new DemoError(
      "Making links needs a key. The first start prints one; another is made with\n\n" +
        "  npm run trellis -- key new --owner\n\nGive it with --key, or set TRELLIS_KEY.",
      exits.config,
    );
  return { url: url.replace(/\/+$/, ""), key, follows: Number(follows) };
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}\n\n${help}`, exits.usage);
  }
}
