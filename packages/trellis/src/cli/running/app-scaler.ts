import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Environment, Settings } from "../../model/settings.ts";
import type { MachineSample } from "../../policies/autoscaling/scale.ts";
import { scaleDefaults } from "../../policies/autoscaling/scale-defaults.ts";
import { processLoads } from "../../supervisor/process-load.ts";
import { askLoad } from "../../supervisor/scaling/ask-load.ts";
import { ScaleJournal } from "../../supervisor/scaling/scale-journal.ts";
import { type ScaledSupervisor, scaledFleet } from "../../supervisor/scaling/scaled-fleet.ts";
import { Scaler } from "../../supervisor/scaling/scaler.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import { openEngine } from "../database/open-engine.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { scaleJournalFile } from "./scale-journal-file.ts";
import { workSource } from "./work-source.ts";

export interface AppScalerParts {
  readonly supervisor: ScaledSupervisor;
  readonly data: DataFolder;
  readonly databaseUrl: string;
  readonly settings: Settings;
  readonly log: Log;
  readonly onEvent: (event: SupervisorEvent) => void;
}

/** Scaling of an app on this machine, not yet begun. */
export interface AppScaler {
  readonly scaler: Scaler;
  readonly journal: ScaleJournal;
  /** Ends it. */
  close(): Promise<void>;
}

export function appScaler(parts: AppScalerParts, world: World): AppScaler {
  const { supervisor, data, databaseUrl, settings, log, onEvent } = parts;
  const { clock, random } = world;
  const engine = openEngine(databaseUrl, settings, log, world);
  const journal = new ScaleJournal(scaleJournalFile(join(data.logs, "scaling.jsonl"), log));
  const scaler = new Scaler({
    app: scaledFleet(supervisor),
    sources: {
      ofInstance: askLoad,
      ofServices: workSource(engine.platform, clock),
      memoryOf: async (pids) => {
        const loads = await processLoads(pids);
        return new Map([...loads].map(([pid, { memoryBytes }]) => [pid, memoryBytes]));
      },
      machine,
    },
    journal,
    params: { ...scaleDefaults, ...paramsFor(world.environment) },
    clock,
    random,
    log,
    onNote: (note) => onEvent({ event: "scaling", ...note }),
  });
  return {
    scaler,
    journal,
    close: async () => {
      await scaler.stop();
      await engine.close();
    },
  };
}

/** This machine, or as much of it as a container may use. */
function machine(): MachineSample {
  const constrained = process.constrainedMemory();
  const memoryBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const memoryUsedBytes = Math.max(0, memoryBytes - process.availableMemory());
  return { cores: availableParallelism(), memoryBytes, memoryUsedBytes };
}

const paramsVariable = "TRELLIS_SCALE_PARAMS";

/** For tests, which cannot wait for minutes: some of the policy's parameters, as JSON. Throws `invalid-setting`. */
function paramsFor(environment: Environment): Partial<typeof scaleDefaults> {
  const text = environment[paramsVariable]?.trim();
  if (!text) return {};
  const given = parsed(text);
  const wrong = Object.entries(given).find(
    ([name, value]) => !Object.hasOwn(scaleDefaults, name) || typeof value !== "number" || !(value >= 0),
  );
  if (!wrong) return given;
  throw new TrellisError("invalid-setting", {
    says: `${paramsVariable} says ${JSON.stringify(wrong[1])} for ${wrong[0]}`,
    cure: `Give numbers for ${Object.keys(scaleDefaults).join(", ")} as a JSON object, or unset it.`,
  });
}

function parsed(text: string): Readonly<Record<string, number>> {
  try {
    return { ...JSON.parse(text) };
  } catch (cause) {
    throw new TrellisError("invalid-setting", {
      says: `${paramsVariable} is no JSON`,
      cure: `Unset ${paramsVariable}.`,
      cause,
    });
  }
}
