import { now } from "trellis-ui";

export type SpanName = "24h" | "7d" | "30d";

/** A length of time up to now, in whole steps. */
export interface Span {
  readonly name: SpanName;
  /** As in "Clicks, 24 hours". */
  readonly words: string;
  readonly unit: "hour" | "day";
  /** Its ends at this moment, and where the span before it begins. */
  bounds(): { readonly from: string; readonly to: string; readonly before: string };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function span(name: SpanName, words: string, unit: Span["unit"], lengthMs: number): Span {
  const stepMs = unit === "hour" ? hourMs : dayMs;
  const bounds = () => {
    const toMs = (Math.floor(now() / stepMs) + 1) * stepMs;
    const iso = (ms: number) => new Date(ms).toISOString();
    return { from: iso(toMs - lengthMs), to: iso(toMs), before: iso(toMs - 2 * lengthMs) };
  };
  return { name, words, unit, bounds };
}

export const spans: Readonly<Record<SpanName, Span>> = {
  "24h": span("24h", "24 hours", "hour", dayMs),
  "7d": span("7d", "7 days", "hour", 7 * dayMs),
  "30d": span("30d", "30 days", "day", 30 * dayMs),
};

export const spanChoices: Readonly<Record<SpanName, string>> = { "24h": "24 h", "7d": "7 d", "30d": "30 d" };
