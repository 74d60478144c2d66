import { declaredSchedules } from "../../blocks/schedule/declared-schedule.ts";
import { openSchedules } from "../../blocks/schedule/schedules.ts";
import { noMetrics } from "../../model/metrics.ts";
import { noTracing } from "../../model/tracing.ts";
import type { ScheduleFacts } from "../../operations/contract.ts";
import { scheduleFacts } from "../../runtime/open-operations.ts";
import { tickQueue } from "../../runtime/tick-queue.ts";
import { appHere } from "../app-here.ts";
import { command, dataOption } from "../command.ts";
import { type OperationsUse, useOperations } from "../database/use-operations.ts";
import { length } from "../text/length.ts";
import { table } from "../text/table.ts";
import type { World } from "../world.ts";

export const schedules = command({
  name: "schedules",
  about: "Shows the app's schedules: when they come next, and what came of their last runs.",
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const { plan } = await appHere(world);
    const declared = declaredSchedules(plan.services);
    const found = await useOperations(options.data, world, (use) => look(declared, use, world));
    const facts = found.map(scheduleFacts);
    const head = ["SCHEDULE", "TIMES", "NEXT", "LAST", "TOOK", "OUTCOME"];
    const text = facts.length === 0 ? "The app has no schedules." : table([head, ...facts.map(rowOf)]);
    world.output.answer({ schedules: facts }, text);
    return 0;
  },
});

function look(
  declared: ReturnType<typeof declaredSchedules>,
  { database, queues, log }: OperationsUse,
  { clock, random }: World,
) {
  const engine = openSchedules({
    schedules: declared.map((one) => ({ ...one, run: async () => undefined })),
    database,
    queue: tickQueue(queues),
    clock,
    random,
    log,
    metrics: noMetrics,
    tracing: noTracing,
    instance: "command",
  });
  return engine.overview();
}

function rowOf({ service, name, spec, zone, next, runningSince, runs: [last] }: ScheduleFacts): readonly string[] {
  return [
    `${service}.${name}`,
    zone === null ? spec : `${spec} (${zone})`,
    next[0] ?? "",
    last?.at ?? "never",
    last ? length(last.tookMs) : "",
    runningSince === null ? outcomeOf(last) : `runs since ${runningSince}`,
  ];
}

function outcomeOf(run: ScheduleFacts["runs"][number] | undefined): string {
  if (!run) return "";
  const left = run.skipped === 0 ? "" : `, ${run.skipped} times left out`;
  return `${run.error === null ? run.outcome : `${run.outcome}: ${run.error.split("\n")[0]}`}${left}`;
}
