import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { Button, formatDuration, RelativeTime, showToast } from "trellis-ui";
import { operations } from "../api.ts";
import { schedulesQuery } from "./operations-queries.ts";
import { sayFailure } from "./say.ts";
import "./schedules.css";
import { Section } from "./section.tsx";

/** What runs by the clock: when next, how the last runs went, and a way to run it now. */
export function Schedules() {
  const query = useQuery(schedulesQuery);
  return (
    <Section
      title="Schedules"
      about="Work by the clock, once a time however many instances there are."
      query={query}
      rows={2}
    >
      {({ schedules }) =>
        schedules.length === 0 ? (
          <p className="section-empty">This app has no schedule.</p>
        ) : (
          <div className="section-table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Schedule</th>
                  <th scope="col">Next</th>
                  <th scope="col">Last run</th>
                  <th scope="col">Before that</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {schedules.map((schedule) => (
                  <ScheduleRow key={`${schedule.service}.${schedule.name}`} schedule={schedule} />
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Section>
  );
}

type Schedule = Awaited<ReturnType<typeof operations.schedules>>["schedules"][number];
type Run = Schedule["runs"][number];

function ScheduleRow({ schedule }: { readonly schedule: Schedule }) {
  const { service, name, spec, zone, next, runningSince, runs } = schedule;
  const queries = useQueryClient();
  const run = useMutation({
    mutationFn: () => operations.runSchedule({ params: { service, name } }),
    onSuccess: ({ started }) =>
      showToast({ text: started ? `${name} has begun` : `${name} is already waiting to run` }),
    onError: sayFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ["operations", "schedules"] }),
  });
  const [last, ...before] = runs;
  return (
    <tr>
      <th scope="row">
        {service}.{name}
        <span className="second">
          <code>{spec}</code>
          {zone ? ` in ${zone}` : null}
        </span>
      </th>
      <td data-name="Next">{next[0] ? <RelativeTime at={next[0]} /> : <span className="zero">Never</span>}</td>
      <td data-name="Last run">
        {runningSince ? (
          <>
            Running since <RelativeTime at={runningSince} />
          </>
        ) : last ? (
          <LastRun run={last} />
        ) : (
          <span className="zero">None yet</span>
        )}
      </td>
      <td data-name="Before that">
        <span className="runs">
          {before.map((earlier) => (
            <RunMark key={earlier.at} run={earlier} />
          ))}
          {before.length === 0 ? <span className="zero">–</span> : null}
        </span>
      </td>
      <td className="number whole">
        <Button isPending={run.isPending} onPress={() => run.mutate()}>
          <Play size={14} aria-hidden="true" />
          Run now<span className="visually-hidden">: {name}</span>
        </Button>
      </td>
    </tr>
  );
}

function LastRun({ run }: { readonly run: Run }) {
  return (
    <>
      <span className={run.outcome === "failed" ? "bad" : undefined}>
        {run.outcome === "failed" ? "Failed " : "Done "}
      </span>
      <RelativeTime at={run.at} />
      <span className="second">
        {run.error ?? `took ${formatDuration(run.tookMs)} on ${run.instance}${run.byHand ? ", by hand" : ""}`}
        {run.skipped > 0 ? `, ${run.skipped} left out meanwhile` : null}
      </span>
    </>
  );
}

/** One earlier run: a filled mark where it was done, a cross where it failed. */
function RunMark({ run }: { readonly run: Run }) {
  const says = `${run.outcome === "failed" ? `Failed: ${run.error ?? ""}` : "Done"}, ${new Date(run.at).toLocaleString()}`;
  return (
    <span className="run-mark" data-outcome={run.outcome} title={says}>
      <span className="visually-hidden">{says}. </span>
    </span>
  );
}
