import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { TrellisError } from "trellis/contract";
import { ErrorState, RelativeTime, Skeleton, StaleLine } from "trellis-ui";
import "./section.css";

interface SectionProps<Data> {
  readonly title: string;
  /** What it is, for whom it is new. */
  readonly about: string;
  readonly query: UseQueryResult<Data>;
  /** How many skeleton rows stand for it while it is loaded. */
  readonly rows: number;
  readonly children: (data: Data) => ReactNode;
}

/** A part of the page in each of its states: loading, failed, behind, shown. */
export function Section<Data>({ title, about, query, rows, children }: SectionProps<Data>) {
  const heading = useId();
  const { data, isError, error, refetch, dataUpdatedAt } = query;
  return (
    <section className="section" aria-labelledby={heading}>
      <div className="section-head">
        <h2 id={heading}>{title}</h2>
        <p>{about}</p>
      </div>
      {isError && data !== undefined ? (
        <StaleLine>
          The server does not answer; this is from <RelativeTime at={dataUpdatedAt} />.
        </StaleLine>
      ) : null}
      {data !== undefined ? (
        children(data)
      ) : isError && error instanceof TrellisError && error.code === "forbidden" ? (
        <p className="section-empty">Your key may not see this: {error.message}.</p>
      ) : isError ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="section-table section-skeleton">
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
            <Skeleton key={row} width={`${70 - row * 12}%`} height="14px" />
          ))}
        </div>
      )}
    </section>
  );
}
