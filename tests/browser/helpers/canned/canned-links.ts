import type { CountedLink } from "../../../../apps/links/src/contract.ts";

/** The moment that the canned answers are of. */
export const cannedNow = Date.parse("2026-11-22T14:20:00Z");

const targets = [
  ["q4-hiring", "https://careers.acme.com/engineering?utm_source=newsletter&utm_campaign=q4-engineering-hiring"],
  ["status", "https://status.acme.com"],
  ["k7Qd2aB", "https://docs.acme.com/releases/8.2#breaking-changes"],
  ["pricing", "https://www.acme.com/pricing"],
  ["talk-berlin", "https://events.acme.com/2026/berlin/talks/queues-without-tears"],
  ["9xPm1Zq", "https://acme.com/customers/harbor-logistics-cut-costs"],
  ["brand", "https://acme.com/brand"],
  ["onboarding", "https://wiki.acme.com/people/onboarding/checklist"],
  ["r3Vb8Lm", "https://wiki.acme.com/incidents/2026-11-03"],
  ["demo", "https://cal.acme.com/demo?team=solutions-emea"],
  ["app-ios", "https://apps.example.com/app/acme/id1029384756"],
  ["app-android", "https://play.example.com/store/apps/details?id=com.acme"],
] as const;

const agoMinutes = [12, 4_330, 7_300, 11_500, 15_900, 20_200, 24_500, 27_400, 31_700, 36_000, 38_900, 43_200];

/** Numbers that look like chance and are always the same. */
export function steady(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Links of a small company; `count` of them, the first twelve with names. */
export function cannedLinks(count: number, origin: string): CountedLink[] {
  return Array.from({ length: count }, (_, index) => {
    const chance = steady(index * 7 + 3);
    const [code, target] = targets[index] ?? [`link-${index}`, `https://example.com/page/${index}`];
    const busy = index % 5 === 4 ? 0 : Math.ceil(chance() * 60);
    const lastDay = Array.from({ length: 24 }, (_hour, hour) => Math.round(chance() * busy * (0.4 + hour / 30)));
    const humans = index === 1 ? 1_284_310 : lastDay.reduce((sum, value) => sum + value, 0) * (3 + index);
    return {
      code,
      target,
      url: `${origin}/${code}`,
      state: "active",
      version: index === 0 ? 3 : 1,
      createdAt: new Date(cannedNow - (agoMinutes[index] ?? 43_200 + index * 1_440) * 60_000).toISOString(),
      clicks: { humans, bots: Math.round(humans * 0.3), previews: Math.round(humans * 0.08), heads: 12 },
      lastDay,
    };
  });
}
