import { TrellisError } from "../../model/errors.ts";
import { plan as makePlan, type Role } from "../../model/plan.ts";
import type { Settings } from "../../model/settings.ts";
import { checkPlan } from "../../runtime/check-plan.ts";
import { ownGroup } from "../../runtime/own-group.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import { command, dataOption } from "../command.ts";
import { dataPath, existingDataFolder } from "../folder/data-folder.ts";
import { findConfig, loadApp } from "../load-app.ts";
import { hostInstances } from "../running/host-instances.ts";
import { Shutdown } from "../running/shutdown.ts";

/** Beyond the drain: what it takes to close pools. */
const closeMs = 2_000;

export const run = command({
  name: "run",
  about: [
    "Runs one instance in this process, for containers and other supervisors. It needs DATABASE_URL and TRELLIS_SECRET",
    "(the same for all instances of the app), and runs the migrations that have not run yet. SIGTERM ends it in good order.",
  ].join("\n"),
  options: {
    role: { value: "web|worker", says: "what the instance does (web)" },
    group: {
      value: "NAME",
      says: "the group of the plan that it is one of, instead of a role: a service that is split out",
    },
    services: { value: "A,B", says: "the services that it runs (those of its group)" },
    port: { value: "N", says: "the port (else PORT, else 3000)" },
    host: { value: "H", says: "the address to listen on (else all of this machine's)" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const { environment, folder, clock, output } = world;
    const config = findConfig(folder);
    const port = options.port === undefined ? environment.PORT : wholeNumber(options.port, "--port", 0, 65_535);
    const plan = makePlan(await loadApp(config), { ...environment, PORT: String(port ?? "") });
    checkPlan(plan);
    const hosted = options.services?.split(",");
    refuseUnknown(
      hosted,
      plan.services.map(({ contract }) => contract.name),
    );
    if (options.group !== undefined && options.role !== undefined)
      throw new TrellisError("usage", {
        says: "--group and --role are both given",
        cure: "Give one of them: a group has its role.",
      });
    const { role } = ownGroup(plan, { role: roleOf(options.role), group: options.group });
    const { settings } = plan;
    const databaseUrl = neededDatabase(settings);
    const secret = neededSecret(settings, dataPath(options.data, world));
    const log = openLog({ level: settings.logLevel, facts: { role, pid: process.pid } });

    const shutdown = new Shutdown(world);
    // Here no one else would do it: whatever still runs after the second signal is cut off.
    shutdown.onHurry(() => process.exit(1));
    try {
      const instances = await hostInstances(plan, {
        roles: [role],
        number: process.pid,
        folder: dataPath(options.data, world),
        databaseUrl,
        secret,
        log,
        clock,
        ...(options.group === undefined ? {} : { group: options.group }),
        ...(hosted ? { hosted } : {}),
        ...(options.host ? { host: options.host } : {}),
      });
      const [{ privateUrl, port: shared } = { privateUrl: "", port: undefined }] = instances.instances;
      shutdown.lastly(async () => void (await instances.stop(settings.drainTimeoutMs + closeMs)));
      const url = shared === undefined ? privateUrl : `http://localhost:${shared}`;
      const ready = { event: "ready", url, instances: [{ role, url: privateUrl, pid: process.pid }] };
      output.answer(ready, `${role} instance at ${url}`);
      await shutdown.request;
      return 0;
    } finally {
      await shutdown.run();
    }
  },
});

function roleOf(text = "web"): Role {
  if (text === "web" || text === "worker") return text;
  throw new TrellisError("usage", { says: `--role is "${text}"`, cure: "Give --role web or --role worker." });
}

function refuseUnknown(hosted: readonly string[] = [], known: readonly string[]): void {
  const unknown = hosted.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TrellisError("usage", {
    says: `The app has no service "${unknown}"`,
    cure: `Give --services some of ${known.join(", ")}.`,
  });
}

function neededDatabase({ databaseUrl }: Settings): string {
  if (databaseUrl) return databaseUrl;
  throw new TrellisError("invalid-setting", {
    says: "DATABASE_URL is unset, and a single instance starts no database of its own",
    cure: "Set DATABASE_URL to postgres://USER:PASSWORD@HOST:PORT/DATABASE, or use trellis start.",
  });
}

function neededSecret({ secret }: Settings, path: string): string {
  const known = secret || existingDataFolder(path)?.secret();
  if (known) return known;
  throw new TrellisError("invalid-setting", {
    says: "TRELLIS_SECRET is unset, by which the app's instances know one another",
    cure: "Set TRELLIS_SECRET to the same long random text for every instance of the app.",
  });
}
