import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ErrorState, formatDuration, showToast } from "trellis-ui";
import { operations } from "../api.ts";
import { FigureCell } from "./figure-cell.tsx";
import { KeptAsideList } from "./kept-aside-list.tsx";
import { type More, moreOf } from "./more-of.ts";
import { deadJobsQuery, queuesQuery } from "./operations-queries.ts";
import { counted, sayFailure } from "./say.ts";
import { Section } from "./section.tsx";

/** How deep the queues are, and what was given up. */
export function Queues() {
  const query = useQuery(queuesQuery);
  const dead = useInfiniteQuery(deadJobsQuery);
  const jobs = dead.data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <Section
      title="Queues"
      about="Work that is done after the answer, until it has succeeded once."
      query={query}
      rows={2}
    >
      {({ queues }) =>
        queues.length === 0 ? (
          <p className="section-empty">This app has no queue. Its jobs would be here: waiting, running, given up.</p>
        ) : (
          <>
            <div className="section-table">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Queue</th>
                    {["Waiting", "Later", "Running", "Given up", "Done", "Oldest waits"].map((name) => (
                      <th key={name} scope="col" className="number">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {queues.map(({ queue, waiting, delayed, running, dead: given, done, oldestAgeMs }) => (
                    <tr key={queue}>
                      <th scope="row">{queue}</th>
                      <FigureCell name="Waiting" value={waiting} />
                      <FigureCell name="Later" value={delayed} />
                      <FigureCell name="Running" value={running} />
                      <FigureCell name="Given up" value={given} bad />
                      <FigureCell name="Done" value={done} />
                      <td className={waiting === 0 ? "number zero" : "number"} data-name="Oldest waits">
                        {waiting === 0 ? "–" : formatDuration(oldestAgeMs)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {dead.isLoadingError ? <ErrorState error={dead.error} onRetry={() => void dead.refetch()} /> : null}
            {jobs.length > 0 ? <DeadJobs jobs={jobs} more={moreOf(dead)} /> : null}
          </>
        )
      }
    </Section>
  );
}

interface DeadJobsProps {
  readonly jobs: readonly {
    readonly id: string;
    readonly queue: string;
    readonly payload: string;
    readonly error: string;
    readonly diedAt: string;
  }[];
  readonly more: More | undefined;
}

function DeadJobs({ jobs, more }: DeadJobsProps) {
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["operations"] });
  const retry = useMutation({
    mutationFn: (ids: readonly string[]) => operations.retryJobs({ body: { ids: [...ids] } }),
    onSuccess: ({ count }) => showToast({ text: `${counted(count, "job")} begun anew` }),
    onError: sayFailure,
    onSettled: again,
  });
  const drop = useMutation({
    mutationFn: (ids: readonly string[]) => operations.dropJobs({ body: { ids: [...ids] } }),
    onSuccess: ({ count }) => showToast({ text: `${counted(count, "job")} dropped` }),
    onError: sayFailure,
    onSettled: again,
  });
  return (
    <KeptAsideList
      title="Given up"
      items={jobs.map(({ id, queue, payload, error, diedAt }) => ({
        id,
        of: queue,
        content: payload,
        reason: error,
        at: diedAt,
      }))}
      more={more}
      busy={retry.isPending || drop.isPending}
      onRetry={retry.mutate}
      onDrop={drop.mutate}
    />
  );
}
