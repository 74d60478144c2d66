import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { nameCharactersMax } from "../click.ts";

/** A robot that told its name. */
export interface Crawler {
  /** `search-engine`, `social-preview`, `seo`, …: a tag of the package `crawler-user-agents`. */
  readonly kind: string;
  readonly name: string;
}

interface Entry {
  readonly pattern: string;
  readonly tags?: readonly string[];
}

/** Fetches a page only to show what a link leads to. */
export const previewKind = "social-preview";

/** Programs that no list knows yet, but that say what they are, or nothing at all. */
const otherKind = "other";
const otherRobot = /bot\b|crawl|spider|slurp|scrape|preview|headless|https?:\/\/|^[^ /]+(?:\/[\w.]+)?$/i;

/** Tells robots by the names that they give themselves. */
export class Crawlers {
  readonly #any: RegExp;
  readonly #known: readonly { readonly pattern: RegExp; readonly crawler: Crawler }[];

  constructor(entries: readonly Entry[] = listed()) {
    // One look for all 1,500 takes 15 µs; only robots are looked for one by one.
    this.#any = new RegExp(entries.map(({ pattern }) => pattern).join("|"));
    this.#known = entries.map(({ pattern, tags = [] }) => ({
      pattern: new RegExp(pattern),
      crawler: {
        kind: tags.includes(previewKind) ? previewKind : (tags[0] ?? otherKind),
        name: nameOf(pattern),
      },
    }));
  }

  /** Undefined: as far as can be told, somebody's browser. */
  find(userAgent: string): Crawler | undefined {
    if (this.#any.test(userAgent)) return this.#known.find(({ pattern }) => pattern.test(userAgent))?.crawler;
    return otherRobot.test(userAgent) || userAgent === "" ? { kind: otherKind, name: "" } : undefined;
  }
}

/** Read and let go of: its examples of user agents are half a megabyte that nobody needs. */
function listed(): readonly Entry[] {
  const file = createRequire(import.meta.url).resolve("crawler-user-agents");
  return JSON.parse(readFileSync(file, "utf8"));
}

/** `Googlebot\/` is Googlebot, `[wW]get` is wget. */
function nameOf(pattern: string): string {
  return pattern
    .replaceAll(/\((?:\^\| |\[\^-\]\|\$)\)|\[\\s\\S\]\*|\\d[+*]?/g, "")
    .replaceAll(/\[(.)[^\]]*\]/g, "$1")
    .replace(/\(([^|)]*)\|[^)]*\)|\|.*/, "$1")
    .replaceAll(/[\\^$+*?()]/g, "")
    .replace(/[/\s;]+$/, "")
    .trim()
    .slice(0, nameCharactersMax);
}
