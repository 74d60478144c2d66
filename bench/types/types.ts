import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { interleave } from "../src/harness/interleave.ts";
import { cpuSecondsOfEnded } from "../src/harness/processes.ts";
import { scratchFolder } from "../src/harness/scratch-folder.ts";
import { handWrittenApp } from "./hand-written-app.ts";
import { blockCount, routeCount } from "./handlers.ts";
import { trellisApp } from "./trellis-app.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compilers = {
  native: join(root, "node_modules", "@typescript", "native", "bin", "tsc"),
  six: join(root, "node_modules", "typescript", "bin", "tsc6"),
};
const apps = { trellis: trellisApp, "hand-written": handWrittenApp };

type Compiler = keyof typeof compilers;

interface Seconds {
  readonly elapsed: number;
  readonly cpu: number;
}

type Sample = Readonly<Record<Compiler, Seconds>>;

export const types: Bench = {
  name: "types",
  line: `time to type-check a generated app of ${routeCount} routes and ${blockCount} blocks, beside hand-written types`,
  hasPeers: false,
  packages: ["@typescript/native", "typescript", "zod", "kysely"],
  run: measureTypes,
};

async function measureTypes({ rounds, progress }: HowToRun): Promise<Findings> {
  // Below bench/, so that the apps find the packages that the repository has.
  const folder = scratchFolder(join(root, "bench", ".trellis"), "types-");
  try {
    const sides = Object.fromEntries(
      Object.entries(apps).map(([name, generate]) => [name, writeApp(join(folder.path, name), generate())]),
    );
    for (const [name, project] of Object.entries(sides)) {
      progress(`seeing that a mistake is found in ${name}`);
      refuseBlindCheck(project);
    }
    const measure = async (project: string): Promise<Sample> => ({
      native: check(compilers.native, project),
      six: check(compilers.six, project),
    });
    const samples = await interleave({ sides, rounds, measure, progress });
    return findings(samples);
  } finally {
    folder.remove();
  }
}

function findings(samples: Readonly<Record<string, readonly Sample[]>>): Findings {
  const of = (compiler: Compiler, time: keyof Seconds) =>
    Object.fromEntries(
      Object.entries(samples).map(([side, each]) => [side, each.map((sample) => sample[compiler][time])]),
    );
  return {
    measures: [
      { name: "type-check, TypeScript 7", unit: "s", better: "lower", sides: of("native", "elapsed") },
      { name: "CPU time of it", unit: "CPU-s", better: "lower", sides: of("native", "cpu") },
      { name: "type-check, TypeScript 6", unit: "s", better: "lower", sides: of("six", "elapsed") },
    ],
    notes: [
      "The whole run of tsc --noEmit with the repository's strict settings, the sources of trellis that the app imports included",
      "hand-written: the same handlers and the same queries, each request, answer, failure and call an interface of its own, nothing inferred from a contract, no zod",
      "Before measuring, a mistake put into each app is reported, and nothing else is",
    ],
    goals: [{ side: "trellis", atMost: 5 }],
  };
}

function writeApp(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.base.json"), include: ["."] }),
  );
  return folder;
}

/** A check that finds no mistake has looked at nothing, and its time means nothing. */
function refuseBlindCheck(project: string): void {
  const file = join(project, "service7", "service.ts");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("query.limit)", "query.limits)"));
  const { stdout } = tsc(compilers.native, project);
  writeFileSync(file, text);
  const errors = stdout.match(/error TS\d+.*/g) ?? [];
  if (errors.length !== 1 || !/'limits' does not exist/.test(stdout))
    throw new Error(`One mistake in ${project} was to be found, but tsc said:\n${stdout || "nothing"}`);
}

function check(compiler: string, project: string): Seconds {
  const [startedAt, cpuBefore] = [performance.now(), cpuSecondsOfEnded()];
  const { status, stdout } = tsc(compiler, project);
  const elapsed = (performance.now() - startedAt) / 1_000;
  if (status !== 0) throw new Error(`The generated app ${project} does not compile:\n${stdout}`);
  return { elapsed, cpu: cpuSecondsOfEnded() - cpuBefore };
}

function tsc(compiler: string, project: string): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [compiler, "--project", project, "--noEmit"], { encoding: "utf8" });
}
