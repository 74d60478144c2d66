import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ErrorState, formatCount, formatDuration } from "trellis-ui";
import type { operations } from "../api.ts";
import { FigureCell } from "./figure-cell.tsx";
import { moreOf } from "./more-of.ts";
import { setAsideQuery, streamsQuery } from "./operations-queries.ts";
import { Section } from "./section.tsx";
import { SetAside } from "./set-aside.tsx";

/** How far the consumers of the streams are, and what still waits on instances' disks. */
export function Streams() {
  const query = useQuery(streamsQuery);
  const aside = useInfiniteQuery(setAsideQuery);
  const events = aside.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Section
      title="Streams"
      about="Events in order, and how far those who handle them have come."
      query={query}
      rows={2}
    >
      {({ streams, spools }) => (
        <>
          <StreamTable streams={streams} />
          <Spools spools={spools} />
          {aside.isLoadingError ? <ErrorState error={aside.error} onRetry={() => void aside.refetch()} /> : null}
          {events.length > 0 ? <SetAside events={events} more={moreOf(aside)} /> : null}
        </>
      )}
    </Section>
  );
}

type Stream = Awaited<ReturnType<typeof operations.streams>>["streams"][number];

function StreamTable({ streams }: { readonly streams: readonly Stream[] }) {
  if (streams.length === 0) return <p className="section-empty">This app has no stream.</p>;
  return (
    <div className="section-table">
      <table>
        <thead>
          <tr>
            <th scope="col">Stream → consumer</th>
            <th scope="col" className="number">
              Appended
            </th>
            <th scope="col" className="number">
              Not yet handled
            </th>
            <th scope="col" className="number">
              Oldest waits
            </th>
            <th scope="col" className="number">
              Set aside
            </th>
            <th scope="col">Handled by</th>
          </tr>
        </thead>
        <tbody>
          {streams.flatMap(({ service, name, appended, groups, outbox }) =>
            groups.map(({ group, lag, oldestAgeMs, setAside, members }) => (
              <tr key={`${service}.${name} ${group}`}>
                <th scope="row">
                  {service}.{name} → {group}
                  {outbox > 0 ? <span className="second">{formatCount(outbox)} more to be appended</span> : null}
                </th>
                <FigureCell name="Appended" value={appended} />
                <FigureCell name="Not yet handled" value={lag} />
                <AgeCell ageMs={oldestAgeMs} />
                <FigureCell name="Set aside" value={setAside} bad />
                <td data-name="Handled by">
                  {members.length === 0 ? <span className="bad">Nobody</span> : members.map(share).join(", ")}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

interface SpoolsProps {
  readonly spools: readonly {
    readonly instance: string;
    readonly waiting: number;
    readonly bytes: number;
    readonly unlogged: number;
    readonly oldestAgeMs: number;
    readonly behindBecause: string | null;
  }[];
}

function Spools({ spools }: SpoolsProps) {
  if (spools.length === 0) return null;
  return (
    <div className="section-table">
      <table>
        <thead>
          <tr>
            <th scope="col">On the disk of</th>
            <th scope="col" className="number">
              Waiting
            </th>
            <th scope="col" className="number">
              Oldest waits
            </th>
            <th scope="col" className="number">
              Not kept
            </th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {spools.map(({ instance, waiting, oldestAgeMs, unlogged, behindBecause }) => (
            <tr key={instance}>
              <th scope="row">{instance}</th>
              <FigureCell name="Waiting" value={waiting} />
              <AgeCell ageMs={oldestAgeMs} />
              <FigureCell name="Not kept" value={unlogged} bad />
              <td className="whole">{behindBecause ?? <span className="zero">It is not behind</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgeCell({ ageMs }: { readonly ageMs: number }) {
  return (
    <td className={ageMs === 0 ? "number zero" : "number"} data-name="Oldest waits">
      {ageMs === 0 ? "–" : formatDuration(ageMs)}
    </td>
  );
}

function share({
  instance,
  partitions,
}: {
  readonly instance: string;
  readonly partitions: readonly number[];
}): string {
  return `${instance} (${partitions.length})`;
}
