import { useMemo } from "react";
import { formatCount } from "./format.ts";
import { stepFormatter } from "./step-formatter.ts";
import type { TimeSeriesProps } from "./time-series-props.ts";

/** The same figures for who listens to a page: only the steps in which something happened. */
export function TimeSeriesTable({ caption, at, lines, unit }: TimeSeriesProps) {
  const format = useMemo(() => stepFormatter(unit), [unit]);
  const steps = at
    .map((ms, index) => ({ ms, values: lines.map(({ values }) => values[index] ?? 0) }))
    .filter(({ values }) => values.some((value) => value > 0));
  return (
    <div className="visually-hidden">
      <table>
        <caption>{`${caption}. Steps without any are left out.`}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map(({ ms, values }) => (
            <tr key={ms}>
              <th scope="row">{format(ms)}</th>
              {values.map((value, index) => (
                <td key={lines[index]?.name}>{formatCount(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
