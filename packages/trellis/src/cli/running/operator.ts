import { TrellisError } from "../../model/errors.ts";
import { answeringGroup } from "../../model/group.ts";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import type { ControlRequest, GroupStatus, ReleaseStep } from "../../supervisor/control-words.ts";
import { groupStatuses } from "../../supervisor/scaling/scaling-report.ts";
import type { ReleaseRecord } from "../../supervisor/state.ts";
import { StatusReader } from "../../supervisor/status.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import { earlierRelease } from "../releases/earlier-release.ts";
import { makeRelease } from "../releases/make-release.ts";
import { pruneReleases } from "../releases/prune-releases.ts";
import type { World } from "../world.ts";
import type { AppScaler } from "./app-scaler.ts";

export interface OperatorParts {
  readonly settings: Settings;
  readonly data: DataFolder;
  readonly port: number;
  readonly supervisor: Supervisor;
  readonly scaling: Pick<AppScaler, "scaler" | "journal">;
  readonly databaseUrl: string;
  readonly log: Log;
  readonly stop: () => void;
}

type Step = (step: ReleaseStep) => void;

/** Does what commands ask of an app that runs. */
export class Operator {
  readonly #parts: OperatorParts;
  readonly #world: World;
  readonly #status: StatusReader;

  constructor(parts: OperatorParts, world: World) {
    const { settings, port, supervisor } = parts;
    this.#parts = parts;
    this.#world = world;
    this.#status = new StatusReader(supervisor, world.clock, settings.origin || `http://localhost:${port}`);
  }

  /** Resolves with what the command shows. */
  async handle(request: ControlRequest, step: Step): Promise<unknown> {
    const { supervisor, stop } = this.#parts;
    switch (request.ask) {
      case "status":
        return { ...(await this.#status.read()), groups: this.#groups() };
      case "releases":
        return supervisor.releases;
      case "deploy":
        return this.#deploy(request, step);
      case "rollback":
        return this.#rollBack(request.to, step);
      case "pause":
        return supervisor.pause({ service: request.service, holdMs: request.holdMs });
      case "resume":
        return supervisor.resume(request.service);
      case "scale":
        return supervisor.scale(request.service, request.scale);
      case "scaling":
        return { groups: this.#groups(), decisions: this.#parts.scaling.journal.notes };
      case "wake":
        return this.#wake(request.service);
      case "purge":
        return supervisor.purge(request.purge);
      case "stop":
        return stop();
      default:
        throw new TrellisError("usage", { says: "The supervisor was asked for something that it does not know" });
    }
  }

  /** Whether an instance of the service is on its way: also the first one of a group at rest, which is woken. */
  #wake(service: string): boolean {
    const { supervisor, scaling } = this.#parts;
    const { current, fleet, paused } = supervisor;
    const group = current && answeringGroup(current.shape.groups, service);
    // What never rests and does not run has crashed: whoever calls it is better off without it than waiting.
    if (!group || supervisor.rangeOf(group).min > 0 || paused.some((pause) => pause.service === service)) return false;
    const isAtRest = !fleet.staying(current.number).some(({ name }) => name.pool === group.name);
    if (isAtRest) scaling.scaler.wanted(group.name);
    return true;
  }

  #groups(): readonly GroupStatus[] {
    const { supervisor, scaling } = this.#parts;
    return groupStatuses(supervisor, scaling.scaler, scaling.journal);
  }

  async #deploy(
    { source, build, canary }: Extract<ControlRequest, { ask: "deploy" }>,
    step: Step,
  ): Promise<ReleaseRecord> {
    const { data, settings, supervisor, databaseUrl, log } = this.#parts;
    const from = source.ref === undefined ? `the folder ${source.folder}` : `${source.ref} of ${source.folder}`;
    const place = { source, ...(build === undefined ? {} : { build }), data, databaseUrl, settings, log };
    const make = (number: number) => makeRelease({ ...place, number }, step, this.#world);
    try {
      return served(await supervisor.deploy(from, make, { onStep: step, ...(canary ? { canary } : {}) }));
    } finally {
      this.#prune();
    }
  }

  /** Nobody waits for it: a release holds tens of thousands of files. */
  #prune(): void {
    const { data, supervisor, log } = this.#parts;
    const { releases, current, underWay } = supervisor;
    // Another one has begun meanwhile, and does the same at its end.
    if (underWay !== undefined) return;
    pruneReleases(data.releases, releases, current?.number).catch((error: unknown) => {
      log.warn("the folder of an old release cannot be removed", { error });
    });
  }

  async #rollBack(to: number | undefined, onStep: Step): Promise<ReleaseRecord> {
    const { supervisor } = this.#parts;
    return served(await supervisor.rollBack(earlierRelease(supervisor, to), { onStep }));
  }
}

/** Throws `release-failed` for a release that does not serve in the end. */
function served(record: ReleaseRecord): ReleaseRecord {
  if (record.state === "serving") return record;
  const says = `Release ${record.number} was ${record.state === "failed" ? "given up" : "taken back"}: ${record.because ?? ""}`;
  throw new TrellisError("release-failed", { says });
}
