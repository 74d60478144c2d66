import { useEffect, useMemo, useRef, useState } from "react";
import type uPlot from "uplot";
import { formatCount } from "./format.ts";
import { useScheme } from "./scheme.ts";
import "./time-series.css";
import { TimeSeriesPlot } from "./time-series-plot.ts";
import type { TimeSeriesProps } from "./time-series-props.ts";
import { TimeSeriesTable } from "./time-series-table.tsx";

/** Counts over time: starts at zero, names time and values under the pointer, and can be read as a table. */
export function TimeSeries({ caption, at, lines, unit }: TimeSeriesProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => lines.filter(({ name }) => !hidden.has(name)), [lines, hidden]);
  const toggle = (name: string) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(name) && after.size < lines.length - 1) after.add(name);
      return after;
    });
  return (
    <figure className="time-series">
      <figcaption className="visually-hidden">{caption}</figcaption>
      <div className="time-series-legend">
        {lines.map(({ name, tone, values }) => (
          <button key={name} type="button" aria-pressed={!hidden.has(name)} onClick={() => toggle(name)}>
            <svg width="18" height="8" aria-hidden="true" data-tone={tone}>
              <path d="M0 4H18" />
            </svg>
            {name}{" "}
            <span className="time-series-total">{formatCount(values.reduce((sum, value) => sum + value, 0))}</span>
          </button>
        ))}
      </div>
      <Plot at={at} lines={shown} unit={unit} />
      <TimeSeriesTable caption={caption} at={at} lines={lines} unit={unit} />
    </figure>
  );
}

function Plot({ at, lines, unit }: Omit<TimeSeriesProps, "caption">) {
  const scheme = useScheme();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<TimeSeriesPlot>(null);
  const shape = `${scheme} ${unit} ${lines.map(({ name, tone }) => `${name}:${tone}`).join()}`;
  const data = useMemo<uPlot.AlignedData>(
    () => [at.map((ms) => ms / 1_000), ...lines.map(({ values }) => [...values])],
    [at, lines],
  );
  const latest = useRef({ lines, data });
  latest.current = { lines, data };
  // Colours are read when the plot is made, so it is made anew for another scheme; new figures only move its lines.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` names all that the plot is built from
  useEffect(() => {
    const host = box.current;
    if (!host) return;
    const made = new TimeSeriesPlot(host, { ...latest.current, unit });
    plot.current = made;
    return () => made.destroy();
  }, [shape]);
  useEffect(() => plot.current?.show(data), [data]);
  return <div ref={box} className="time-series-plot" aria-hidden="true" />;
}
