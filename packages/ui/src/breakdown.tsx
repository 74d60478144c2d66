import { type ReactNode, useId } from "react";
import "./breakdown.css";
import { Count } from "./count.tsx";
import { formatShare } from "./format.ts";

export interface BreakdownRow {
  readonly key: string;
  readonly label: ReactNode;
  readonly value: number;
  /** Not a value of its own but the rest: drawn quieter. */
  readonly rest?: boolean;
}

interface BreakdownProps {
  readonly title: string;
  readonly rows: readonly BreakdownRow[];
  /** What the shares are of. */
  readonly total: number;
  /** Said where there is no row. */
  readonly empty: string;
}

/** What a number is made of: bars behind their labels, the longest one the whole width. */
export function Breakdown({ title, rows, total, empty }: BreakdownProps) {
  const heading = useId();
  const longest = Math.max(...rows.map(({ value }) => value), 1);
  return (
    <section className="breakdown" aria-labelledby={heading}>
      <h3 id={heading} className="breakdown-title">
        {title}
      </h3>
      {rows.length === 0 ? (
        <p className="breakdown-empty">{empty}</p>
      ) : (
        <ol className="breakdown-rows">
          {rows.map(({ key, label, value, rest }) => (
            <li key={key} className="breakdown-row" data-rest={rest || undefined}>
              <span className="breakdown-bar" style={{ inlineSize: `${(value / longest) * 100}%` }} />
              <span className="breakdown-label">{label}</span>
              <span className="breakdown-value">
                <Count value={value} compact />
              </span>
              <span className="breakdown-share">{formatShare(value, total)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
