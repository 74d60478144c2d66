import type { Series, SeriesName } from "../contract.ts";

export const noClicks: Series = Object.freeze({ humans: 0, bots: 0, previews: 0, heads: 0 });

/** Counts as a database gives them. */
export type CountsRead = Readonly<Record<SeriesName, number | bigint | string>>;

export function toSeries({ humans, bots, previews, heads }: CountsRead): Series {
  return { humans: Number(humans), bots: Number(bots), previews: Number(previews), heads: Number(heads) };
}

export function addSeries(one: Series, other: Series): Series {
  return {
    humans: one.humans + other.humans,
    bots: one.bots + other.bots,
    previews: one.previews + other.previews,
    heads: one.heads + other.heads,
  };
}

/** What is left of `one`; nothing is less than none. */
export function lessSeries(one: Series, other: Series): Series {
  return {
    humans: Math.max(0, one.humans - other.humans),
    bots: Math.max(0, one.bots - other.bots),
    previews: Math.max(0, one.previews - other.previews),
    heads: Math.max(0, one.heads - other.heads),
  };
}

export function allOf({ humans, bots, previews, heads }: Series): number {
  return humans + bots + previews + heads;
}
