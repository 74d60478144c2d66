import { cannedNow, steady } from "./canned-links.ts";

const hourMs = 3_600_000;

interface Point {
  readonly at: string;
  readonly humans: number;
  readonly bots: number;
  readonly previews: number;
  readonly heads: number;
  readonly uniques: number;
}

/** A series as the API answers it, with a week's ups and downs. */
export function cannedSeries(from: string, to: string, unit: "hour" | "day") {
  const stepMs = unit === "hour" ? hourMs : 24 * hourMs;
  const chance = steady(41);
  const points: Point[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += stepMs) {
    const day = (Math.sin((at / hourMs / 24) * 2 * Math.PI) + 1.3) * (unit === "day" ? 190 : 11);
    const humans = at > cannedNow ? 0 : Math.round(day * (0.6 + chance() * 0.8));
    const point = {
      humans,
      bots: Math.round(humans * (0.15 + chance() * 0.3)),
      previews: Math.round(chance() * 5),
      heads: 0,
    };
    points.push({ at: new Date(at).toISOString(), ...point, uniques: Math.round(humans * 0.7) });
  }
  const sum = (name: "humans" | "bots" | "previews" | "heads" | "uniques") =>
    points.reduce((total, point) => total + point[name], 0);
  const total = {
    humans: sum("humans"),
    bots: sum("bots"),
    previews: sum("previews"),
    heads: 0,
    uniques: Math.round(sum("uniques") * 0.8),
  };
  return { from, to, unit, points, total };
}

const shares: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  referrer: [
    ["", 291],
    ["news.ycombinator.com", 122],
    ["linkedin.com", 84],
    ["newsletter.acme.com", 60],
    ["a-very-long-referring-host-name.of-some-organisation.example.com", 12],
  ],
  country: [
    ["DE", 242],
    ["US", 171],
    ["NL", 72],
    ["IN", 50],
    ["", 3],
  ],
  device: [
    ["desktop", 322],
    ["phone", 218],
    ["tablet", 29],
  ],
  browser: [
    ["Chrome", 301],
    ["Safari", 142],
    ["Firefox", 88],
    ["Edge", 38],
  ],
  os: [
    ["Windows", 190],
    ["iOS", 141],
    ["macOS", 120],
    ["Android", 77],
    ["Linux", 41],
  ],
  crawler: [
    ["Googlebot", 84],
    ["Slackbot", 31],
    ["bingbot", 22],
    ["Twitterbot", 9],
  ],
};

/** What the clicks had in common. */
export function cannedBreakdown(by: string, from: string, to: string) {
  const robots = by === "crawler";
  const series = (count: number) => ({ humans: robots ? 0 : count, bots: robots ? count : 0, previews: 0, heads: 0 });
  return {
    by,
    from,
    to,
    values: (shares[by] ?? []).map(([value, count]) => ({ value, ...series(count) })),
    others: series(by === "device" ? 0 : 31),
  };
}

/** How it stands now, as one event of a stream. */
export function cannedLive(behindMs: number) {
  const latest = [
    { series: "humans", country: "DE", referrer: "news.ycombinator.com", browser: "Firefox", os: "Linux", crawler: "" },
    { series: "humans", country: "US", referrer: "", browser: "Safari", os: "iOS", crawler: "" },
    { series: "bots", country: "US", referrer: "", browser: "", os: "", crawler: "Googlebot" },
    { series: "previews", country: "IE", referrer: "", browser: "", os: "", crawler: "Slackbot" },
  ];
  return {
    at: new Date(cannedNow).toISOString(),
    total: { humans: 4_210, bots: 910, previews: 212, heads: 4 },
    since: { humans: 3, bots: 1, previews: 0, heads: 0 },
    latest: latest.map((click, index) => ({
      ...click,
      at: new Date(cannedNow - 4_000 - index * 21_000).toISOString(),
      device: "desktop",
      bot: click.crawler ? "search-engine" : "",
    })),
    behindMs,
    behindBecause: behindMs > 1_000 ? "the database cannot be reached" : null,
  };
}
