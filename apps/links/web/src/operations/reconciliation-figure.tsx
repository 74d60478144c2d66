import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { formatCount } from "trellis-ui";
import { reconciliationQuery } from "./operations-queries.ts";
import "./reconciliation-figure.css";
import { Section } from "./section.tsx";

/** The one figure that says whether every click was counted, to the unit. */
export function ReconciliationFigure() {
  const query = useQuery(reconciliationQuery);
  return (
    <Section
      title="Is every click counted?"
      about="Every redirect that was answered is counted once, on its way to be counted, or known to be lost."
      query={query}
      rows={2}
    >
      {({ answered, counted, inFlight, unlogged, series }) => {
        const difference = answered - counted - inFlight - unlogged;
        return (
          <div className="section-table reconciliation">
            <p className="reconciliation-verdict" data-fits={difference === 0 && unlogged === 0}>
              {difference === 0 && unlogged === 0 ? (
                <CircleCheck size={18} aria-hidden="true" />
              ) : (
                <TriangleAlert size={18} aria-hidden="true" />
              )}
              {verdict(difference, inFlight, unlogged)}
            </p>
            <dl className="reconciliation-sum">
              <Term name="Answered" value={answered} />
              <Term sign="=" name="Counted" value={counted} />
              <Term sign="+" name="On the way" value={inFlight} />
              <Term sign="+" name="Not kept" value={unlogged} />
            </dl>
            <p className="reconciliation-series">
              Counted are {formatCount(series.humans)} by people, {formatCount(series.bots)} by bots,{" "}
              {formatCount(series.previews)} previews and {formatCount(series.heads)} HEAD requests.
            </p>
          </div>
        );
      }}
    </Section>
  );
}

function verdict(difference: number, inFlight: number, unlogged: number): string {
  if (difference !== 0)
    return `${formatCount(Math.abs(difference))} do not add up. This is a fault of ours: please report it.`;
  if (unlogged > 0)
    return `${formatCount(unlogged)} could not be kept, because a disk was full. The redirects themselves were answered.`;
  if (inFlight > 0) return `Yes: all but ${formatCount(inFlight)}, which are on the way.`;
  return "Yes: every one, to the unit.";
}

interface TermProps {
  readonly name: string;
  readonly value: number;
  /** What stands before it in the sum. */
  readonly sign?: "=" | "+";
}

function Term({ name, value, sign }: TermProps) {
  return (
    <div className="reconciliation-term" {...(sign ? { "data-sign": sign } : {})}>
      <dt>{name}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  );
}
