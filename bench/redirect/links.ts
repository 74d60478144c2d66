import { zipfRanks } from "../src/harness/zipf.ts";

export interface ShortLink {
  readonly code: string;
  readonly target: string;
}

const linkCount = 10_000;
const askedFor = 1 << 14;

/** The same links on every side; codes of seven characters, as Links makes them. */
export const links: readonly ShortLink[] = Array.from({ length: linkCount }, (_, index) => ({
  code: `k${(index * 104_729 + 60_466_176).toString(36)}`,
  target: `https://example.com/articles/${index}?from=bench`,
}));

/** Some links are followed often, most seldom. */
export const followed: readonly string[] = zipfRanks(linkCount, askedFor).map((rank) => `/${links[rank]?.code}`);
