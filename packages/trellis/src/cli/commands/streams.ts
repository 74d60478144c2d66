import type { SpoolFacts, StreamFacts } from "../../operations/contract.ts";
import { listInstances } from "../../runtime/instances/instance-registry.ts";
import { spoolFacts, streamFacts } from "../../runtime/open-operations.ts";
import { command, dataOption } from "../command.ts";
import { useOperations } from "../database/use-operations.ts";
import { length } from "../text/length.ts";
import { table } from "../text/table.ts";

export const streams = command({
  name: "streams",
  about: [
    "Shows the app's streams: how many events they have had, who consumes them and how far behind that is, how many were",
    "set aside, and what waits on the disks of the instances that run.",
  ].join("\n"),
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const [logs, instances] = await useOperations(options.data, world, (use) =>
      Promise.all([use.streams.overview(), listInstances(use.database.platform)]),
    );
    const facts = { streams: logs.map(streamFacts), spools: instances.map(spoolFacts) };
    world.output.answer(facts, facts.streams.length === 0 ? "The app has no streams." : textOf(facts));
    return 0;
  },
});

function textOf(facts: { readonly streams: readonly StreamFacts[]; readonly spools: readonly SpoolFacts[] }): string {
  const streamHead = ["STREAM", "EVENTS", "OUTBOX", "CONSUMER", "LAG", "BEHIND", "SET ASIDE", "INSTANCES"];
  const spoolHead = ["SPOOL", "WAITING", "UNLOGGED", "OLDEST", "BECAUSE"];
  const spools = facts.spools.map(({ instance, waiting, unlogged, oldestAgeMs, behindBecause }) => [
    instance,
    waiting,
    unlogged,
    length(oldestAgeMs),
    behindBecause ?? "",
  ]);
  const tables = [table([streamHead, ...facts.streams.flatMap(rowsOf)])];
  if (spools.length > 0) tables.push(table([spoolHead, ...spools]));
  return tables.join("\n\n");
}

/** One row a consumer; a stream without any has one too. */
function rowsOf({ service, name, appended, outbox, groups }: StreamFacts): readonly (readonly (string | number)[])[] {
  const own = [`${service}.${name}`, appended, outbox];
  if (groups.length === 0) return [[...own, "none", 0, "", 0, ""]];
  return groups.map(({ group, lag, oldestAgeMs, setAside, members }) => [
    ...own,
    group,
    lag,
    length(oldestAgeMs),
    setAside,
    members.map(({ instance }) => instance).join(", ") || "none now",
  ]);
}
