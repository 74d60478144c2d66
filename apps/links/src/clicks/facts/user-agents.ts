import { LRUCache } from "lru-cache";
import { UAParser } from "ua-parser-js";
import type { SeriesName } from "../../contract.ts";
import { nameCharactersMax } from "../click.ts";
import { Crawlers, previewKind } from "./crawlers.ts";

/** What a user agent says of itself. */
export interface UserAgentFacts {
  /** Where it asks with GET. */
  readonly series: Exclude<SeriesName, "heads">;
  readonly bot: string;
  readonly crawler: string;
  readonly device: string;
  readonly browser: string;
  readonly os: string;
}

/** How many user agents an instance remembers: the few thousand that nearly everybody has. */
export const userAgentsMax = 10_000;

/** What follows is not read: longer ones are made to be long. */
const charactersMax = 400;

/** Browsers that go by two names. */
const sameBrowser: Readonly<Record<string, string>> = {
  "Mobile Safari": "Safari",
  "Mobile Chrome": "Chrome",
  "Mobile Firefox": "Firefox",
  "Opera Mobi": "Opera",
};

/** Tells people from robots, and browsers and systems from each other. 40 µs for a new one, then a tenth of one. */
export class UserAgents {
  readonly #crawlers = new Crawlers();
  readonly #known = new LRUCache<string, UserAgentFacts>({ max: userAgentsMax });

  facts(userAgent: string): UserAgentFacts {
    const known = this.#known.get(userAgent);
    if (known) return known;
    const read = userAgent.slice(0, charactersMax);
    const facts = this.#robot(read) ?? browserFacts(read);
    if (userAgent.length <= charactersMax) this.#known.set(userAgent, facts);
    return facts;
  }

  #robot(userAgent: string): UserAgentFacts | undefined {
    const crawler = this.#crawlers.find(userAgent);
    if (!crawler) return undefined;
    const { kind, name } = crawler;
    return { ...nothing, series: kind === previewKind ? "previews" : "bots", bot: kind, crawler: name };
  }
}

const nothing: UserAgentFacts = { series: "humans", bot: "", crawler: "", device: "", browser: "", os: "" };

function browserFacts(userAgent: string): UserAgentFacts {
  const parser = new UAParser(userAgent);
  const { name: browser = "" } = parser.getBrowser();
  const { name: os = "" } = parser.getOS();
  // Nothing names a desktop computer; only what is none is named.
  const { type: device = "desktop" } = parser.getDevice();
  return {
    ...nothing,
    device,
    browser: (sameBrowser[browser] ?? browser).slice(0, nameCharactersMax),
    os: os.slice(0, nameCharactersMax),
  };
}
