import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { Count, ErrorState, formatCount, formatDuration, Live, Segmented, Skeleton, StaleLine } from "trellis-ui";
import { Breakdowns } from "./breakdowns.tsx";
import "./clicks.css";
import { LatestClicks } from "./latest-clicks.tsx";
import { type ClicksFacts, clicksQuery } from "./link-queries.ts";
import { type Span, type SpanName, spanChoices, spans } from "./span.ts";
import { useLive } from "./use-live.ts";

const TimeSeries = lazy(() => import("trellis-ui/time-series").then(({ TimeSeries }) => ({ default: TimeSeries })));

interface ClicksProps {
  readonly code: string;
  readonly range: SpanName;
  readonly onRange: (range: SpanName) => void;
}

/** Less than this is on its way, not behind. */
const behindFromMs = 5_000;
/** While clicks come, the figures are asked for again at most this often. */
const refreshMs = 4_000;

/** How often a link was followed, by whom as far as that is known, and since when that is so. */
export function Clicks({ code, range, onRange }: ClicksProps) {
  const span = spans[range];
  const live = useLive(code);
  const box = useRef<HTMLElement>(null);
  const clicks = useQuery(clicksQuery(code, span));
  useRefresh(code, box, live.movedAt);
  const behindMs = live.clicks?.behindMs ?? 0;
  return (
    <section ref={box} className="clicks" aria-label="Clicks">
      <div className="clicks-bar">
        <Segmented label="Span of time" options={spanChoices} value={range} onChange={onRange} />
        <Live state={live.state} movedAt={live.movedAt} />
      </div>
      {behindMs >= behindFromMs ? (
        <StaleLine>
          Clicks are {formatDuration(behindMs)} behind: {live.clicks?.behindBecause ?? "more came than were counted"}.
        </StaleLine>
      ) : null}
      {clicks.data ? (
        <>
          <Figures data={clicks.data} span={span} />
          <Chart data={clicks.data} span={span} />
        </>
      ) : clicks.isError ? (
        <ErrorState error={clicks.error} onRetry={() => void clicks.refetch()} />
      ) : (
        <Skeleton width="100%" height="330px" />
      )}
      {live.clicks ? <LatestClicks latest={live.clicks.latest} /> : null}
      <Breakdowns code={code} span={span} />
    </section>
  );
}

function Figures({ data, span }: { readonly data: ClicksFacts; readonly span: Span }) {
  const { total, earlier } = data;
  return (
    <dl className="figures">
      <div>
        <dt>Clicks, {span.words}</dt>
        <dd>
          <Count value={total.humans} compact />
        </dd>
      </div>
      <div>
        <dt title="Different people, within some 2 %. Who comes back on another day counts again.">Visitors</dt>
        <dd>
          <Count value={total.uniques} compact />
        </dd>
      </div>
      <div>
        <dt>Against {span.words} before</dt>
        <dd>
          <Change from={earlier.humans} to={total.humans} />
        </dd>
      </div>
    </dl>
  );
}

/** Growth in percent; where there was nothing before, there is nothing to compare. */
function Change({ from, to }: { readonly from: number; readonly to: number }) {
  if (from === 0 || from === to)
    return <span className="figures-none">{from === to ? "No change" : "First clicks"}</span>;
  const percent = Math.round(((to - from) / from) * 100);
  const direction = to > from ? "up" : "down";
  return (
    <span data-direction={direction} title={`${formatCount(from)} before`}>
      {to > from ? "+" : "−"}
      {formatCount(Math.abs(percent))}%
    </span>
  );
}

function Chart({ data, span }: { readonly data: ClicksFacts; readonly span: Span }) {
  const { at, lines } = useMemo(() => {
    const { points } = data;
    return {
      at: points.map((point) => Date.parse(point.at)),
      lines: [
        { name: "People", tone: "main" as const, values: points.map(({ humans }) => humans) },
        { name: "Bots", tone: "second" as const, values: points.map(({ bots }) => bots) },
        { name: "Previews", tone: "third" as const, values: points.map(({ previews }) => previews) },
      ],
    };
  }, [data]);
  return (
    <Suspense fallback={<Skeleton width="100%" height="244px" />}>
      <TimeSeries caption={`Clicks of the last ${span.words}`} at={at} lines={lines} unit={data.unit} />
    </Suspense>
  );
}

/** Asks again after clicks have come, but never under the pointer or the focus: what is being read stays where it is. */
function useRefresh(code: string, box: React.RefObject<HTMLElement | null>, movedAt: number | undefined): void {
  const queries = useQueryClient();
  const due = useRef(false);
  useEffect(() => {
    if (movedAt !== undefined) due.current = true;
  }, [movedAt]);
  useEffect(() => {
    const timer = setInterval(() => {
      const reading = box.current?.querySelector(".breakdowns:hover, .time-series-plot:hover");
      if (!due.current || reading || document.hidden) return;
      due.current = false;
      void queries.invalidateQueries({ queryKey: ["links", "one", code, "clicks"] });
      void queries.invalidateQueries({ queryKey: ["links", "one", code, "breakdown"] });
    }, refreshMs);
    return () => clearInterval(timer);
  }, [code, box, queries]);
}
