import type { Dimension, LatestClick, SeriesName } from "../contract.ts";
import type { Click } from "./click.ts";
import { hourOf } from "./hours.ts";

/** How many of its last clicks each link keeps to show. */
export const latestMax = 8;

/** In the order of `SeriesName`. */
export type Counts = [humans: number, bots: number, previews: number, heads: number];

const places: Readonly<Record<SeriesName, 0 | 1 | 2 | 3>> = { humans: 0, bots: 1, previews: 2, heads: 3 };

/** What clicks of each series are told apart by: a robot's word for its browser is worth nothing. */
const ofEveryone: readonly Dimension[] = ["country", "referrer"];
const ofBrowsers: readonly Dimension[] = [...ofEveryone, "device", "browser", "os"];
const ofRobots: readonly Dimension[] = [...ofEveryone, "bot", "crawler"];
const dimensionsOf: Readonly<Record<SeriesName, readonly Dimension[]>> = {
  humans: ofBrowsers,
  bots: ofRobots,
  previews: ofRobots,
  heads: ofEveryone,
};

export interface HourTally {
  readonly link: number;
  readonly hour: number;
  readonly counts: Counts;
  readonly shares: Map<Dimension, Map<string, Counts>>;
  /** People, as `visitorMark` makes them. */
  readonly visitors: Set<number>;
}

export interface LinkTally {
  readonly link: number;
  readonly counts: Counts;
  /** The newest first. */
  readonly latest: readonly Click[];
}

/** Clicks added up in memory, so that a million of one link are one row. Links and hours in ascending order. */
export class Tally {
  readonly hours: readonly HourTally[];
  readonly links: readonly LinkTally[];
  readonly all: Counts;

  constructor(clicks: readonly Click[]) {
    const byLink = new Map<number, OfLink>();
    for (const click of clicks) {
      orSet(byLink, click.link, () => new OfLink(click.link)).add(click);
    }
    const sorted = [...byLink.values()].toSorted((one, other) => one.link - other.link);
    this.hours = sorted.flatMap(({ hours }) => [...hours.values()].toSorted((one, other) => one.hour - other.hour));
    this.links = sorted;
    this.all = sorted.reduce((sum, { counts }) => plus(sum, counts), none());
  }
}

class OfLink implements LinkTally {
  readonly link: number;
  readonly counts: Counts = none();
  readonly hours = new Map<number, HourTally>();
  /** Those that came last in the stream, the last one last. */
  readonly #last: Click[] = [];

  constructor(link: number) {
    this.link = link;
  }

  get latest(): readonly Click[] {
    return this.#last.toReversed();
  }

  add(click: Click): void {
    const place = places[click.series];
    this.counts[place]++;
    const hour = this.#hour(hourOf(click.at));
    hour.counts[place]++;
    for (const dimension of dimensionsOf[click.series]) count(hour.shares, dimension, click[dimension], place);
    if (click.visitor !== undefined) hour.visitors.add(click.visitor);
    this.#last.push(click);
    if (this.#last.length > latestMax) this.#last.shift();
  }

  #hour(hour: number): HourTally {
    const { link } = this;
    return orSet(this.hours, hour, () => ({ link, hour, counts: none(), shares: new Map(), visitors: new Set() }));
  }
}

function count(shares: HourTally["shares"], dimension: Dimension, value: string, place: 0 | 1 | 2 | 3): void {
  const values = orSet(shares, dimension, newValues);
  orSet(values, value, none)[place]++;
}

function orSet<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function newValues(): Map<string, Counts> {
  return new Map();
}

function none(): Counts {
  return [0, 0, 0, 0];
}

export function plus(one: Counts, other: Counts): Counts {
  return [one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]];
}

/** As it is kept to be shown. */
export function toLatest({ at, series, country, referrer, device, browser, os, bot, crawler }: Click): LatestClick {
  return { at: new Date(at).toISOString(), series, country, referrer, device, browser, os, bot, crawler };
}
