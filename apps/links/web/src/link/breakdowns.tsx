import { useQuery } from "@tanstack/react-query";
import { Breakdown, type BreakdownRow, ErrorState, Skeleton } from "trellis-ui";
import type { Dimension } from "../../../src/contract.ts";
import "./breakdowns.css";
import { breakdownQuery } from "./link-queries.ts";
import type { Span } from "./span.ts";

interface BreakdownsProps {
  readonly code: string;
  readonly span: Span;
}

/** What the clicks of a span had in common. All are of people, but for the last. */
export function Breakdowns({ code, span }: BreakdownsProps) {
  return (
    <div className="breakdowns">
      <OneBreakdown code={code} span={span} by="referrer" title="Referrers" wide />
      <OneBreakdown code={code} span={span} by="country" title="Countries" />
      <OneBreakdown code={code} span={span} by="device" title="Devices" />
      <OneBreakdown code={code} span={span} by="browser" title="Browsers" />
      <OneBreakdown code={code} span={span} by="os" title="Systems" />
      <OneBreakdown code={code} span={span} by="crawler" title="Bots and previews" wide />
    </div>
  );
}

interface OneBreakdownProps extends BreakdownsProps {
  readonly by: Dimension;
  readonly title: string;
  readonly wide?: boolean;
}

function OneBreakdown({ code, span, by, title, wide = false }: OneBreakdownProps) {
  const { data, isError, error, refetch } = useQuery(breakdownQuery(code, span, by));
  if (isError && !data) return by === "referrer" ? <ErrorState error={error} onRetry={() => void refetch()} /> : null;
  if (!data)
    return (
      <div className={wide ? "breakdown-wide" : undefined}>
        <Skeleton width="100%" height="130px" />
      </div>
    );
  const count = by === "crawler" ? countRobots : countHumans;
  const named = data.values.map((share): BreakdownRow & { readonly value: number } => ({
    key: share.value,
    label: nameOf(by, share.value),
    value: count(share),
  }));
  const rest = count(data.others);
  const rows: BreakdownRow[] = [
    ...named.filter(({ value }) => value > 0),
    ...(rest > 0 ? [{ key: "…rest", label: "Others", value: rest, rest: true }] : []),
  ];
  const total = rows.reduce((sum, { value }) => sum + value, 0);
  return (
    <div className={wide ? "breakdown-wide" : undefined}>
      <Breakdown title={title} rows={rows} total={total} empty={by === "crawler" ? "None came." : "No clicks yet."} />
    </div>
  );
}

interface Counts {
  readonly humans: number;
  readonly bots: number;
  readonly previews: number;
}

const countHumans = ({ humans }: Counts) => humans;
const countRobots = ({ bots, previews }: Counts) => bots + previews;

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "code" });
const devices: Readonly<Record<string, string>> = {
  desktop: "Desktop",
  mobile: "Phone",
  phone: "Phone",
  tablet: "Tablet",
  tv: "Television",
  other: "Other",
};

/** A value in people's words. Empty ones are unknown, or direct where they are referrers. */
function nameOf(by: Dimension, value: string): string {
  if (value === "") return by === "referrer" ? "Direct" : "Unknown";
  if (by === "country") return /^[A-Z]{2}$/.test(value) ? (regions.of(value) ?? value) : value;
  if (by === "device") return devices[value] ?? value;
  return value;
}
