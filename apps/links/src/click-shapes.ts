import { z } from "zod";

const count = z.int().min(0);

/** Every click is in one of these: by people, by robots, by programs that show what a link leads to, and by HEAD. */
export const Series = z.object({ humans: count, bots: count, previews: count, heads: count });
export type Series = z.infer<typeof Series>;
export const SeriesName = z.enum(["humans", "bots", "previews", "heads"]);
export type SeriesName = z.infer<typeof SeriesName>;

/** What clicks can be told apart by; a bot is a kind of robots, such as `search-engine`, a crawler one by its name. */
export const Dimension = z.enum(["country", "referrer", "device", "browser", "os", "bot", "crawler"]);
export type Dimension = z.infer<typeof Dimension>;

export const Unit = z.enum(["hour", "day"]);
export type Unit = z.infer<typeof Unit>;

/** From when until when (not included); whole hours, or days of UTC, that touch it are counted whole. */
export const Span = { from: z.iso.datetime().optional(), to: z.iso.datetime().optional() };

export const Point = Series.extend({
  /** When the hour or day begins. */
  at: z.iso.datetime(),
  /** How many different people there were, within some 2 %. */
  uniques: count,
});

/** How often a link was followed in each hour or day, those without a click included. */
export const ClickSeries = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  unit: Unit,
  points: z.array(Point),
  /** Of all points. Uniques are people, however many hours they came in: less than the points' sum. A day's salt: who comes back on another day is another. */
  total: Series.extend({ uniques: count }),
});

/** What clicks had in common. An empty `value` is unknown, or direct where it is a referrer. */
export const Share = Series.extend({ value: z.string() });

export const Breakdown = z.object({
  by: Dimension,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** The most frequent first. */
  values: z.array(Share),
  /** All others together. */
  others: Series,
});

/** As much of one click as is kept, and only until later ones take its place: nothing that tells who it was. */
export const LatestClick = z.object({
  at: z.iso.datetime(),
  series: SeriesName,
  country: z.string(),
  referrer: z.string(),
  device: z.string(),
  browser: z.string(),
  os: z.string(),
  bot: z.string(),
  crawler: z.string(),
});
export type LatestClick = z.infer<typeof LatestClick>;

/** How it stands now. The first one comes at once, the next when something has changed, at most one a second. */
export const LiveClicks = z.object({
  at: z.iso.datetime(),
  /** All that were ever counted. */
  total: Series,
  /** Those counted since this stream of events began. */
  since: Series,
  /** The last ones, the newest first. */
  latest: z.array(LatestClick),
  /** How old the oldest click is that has been answered but not yet counted: what is shown is so much behind. */
  behindMs: count,
  /** Why that is, where it is more than a moment. */
  behindBecause: z.string().nullable(),
});
export type LiveClicks = z.infer<typeof LiveClicks>;

/** What became of every redirect that was answered: `answered = counted + inFlight + unlogged`, to the unit. */
export const Reconciliation = z.object({
  answered: count,
  counted: count,
  /** Written down, on the way to be counted. */
  inFlight: count,
  /** Could not be written down: the disk was full. */
  unlogged: count,
  /** What is counted: these add up to it. */
  series: Series,
});
export type Reconciliation = z.infer<typeof Reconciliation>;
