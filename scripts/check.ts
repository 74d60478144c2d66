// usage: npm run check
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { stripVTControlCharacters } from "node:util";

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** Where the tool's output says how much it has looked at; a tool that looked at nothing has proved nothing. */
  readonly looked: RegExp;
}

interface Outcome {
  readonly name: string;
  readonly succeeded: boolean;
  readonly summary: string;
  readonly output: string;
}

const folders = ["packages", "apps", "tests", "scripts"].filter((folder) => existsSync(folder));

const checks: readonly Check[] = [
  {
    name: "types",
    command: ["node_modules/@typescript/native/bin/tsc", "--project", ".", "--listFiles", "--pretty"],
    looked: new RegExp(`^${process.cwd()}/(?:${folders.join("|")})/.+$`, "gm"),
  },
  {
    name: "types of pages",
    command: ["node_modules/@typescript/native/bin/tsc", "--project", "tsconfig.web.json", "--listFiles", "--pretty"],
    looked: new RegExp(`^${process.cwd()}/(?:packages/ui|apps/[^/]+/web)/.+$`, "gm"),
  },
  { name: "lint", command: ["node_modules/@biomejs/biome/bin/biome", "check"], looked: /Checked (\d+) files/ },
  {
    name: "architecture",
    command: [
      "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
      "--config",
      ".dependency-cruiser.cjs",
      ...folders,
    ],
    looked: /(\d+) modules/,
  },
  {
    name: "unused code",
    command: [
      "node_modules/knip/bin/knip.js",
      "--no-progress",
      "--no-config-hints",
      "--reporter=symbols",
      "--reporter=./scripts/knip-count.ts",
    ],
    looked: /Read (\d+) files/,
  },
  { name: "tidiness", command: ["scripts/tidy.ts"], looked: /Read (\d+) files/ },
];

const outcomes = await Promise.all(checks.map(run));
for (const { name, succeeded, summary, output } of outcomes) {
  console.log(`${succeeded ? "✓" : "✗"} ${name.padEnd(14)}${summary}`);
  if (!succeeded) console.log(output);
}
process.exitCode = outcomes.every(({ succeeded }) => succeeded) ? 0 : 1;

async function run({ name, command, looked }: Check): Promise<Outcome> {
  const startedAt = performance.now();
  const { exitCode, output } = await capture(command);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const count = looked.global ? (output.match(looked)?.length ?? 0) : Number(looked.exec(output)?.[1] ?? 0);
  return {
    name,
    succeeded: exitCode === 0 && count > 0,
    summary: `${count} files`.padStart(11) + `${seconds} s`.padStart(8) + (count === 0 ? "  looked at nothing" : ""),
    output: output.replaceAll(/^\/.+\.(?:[cm]?[jt]sx?|json)\n/gm, "").trim(),
  };
}

function capture(command: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ exitCode: number | null; output: string }>();
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", reject);
  child.on("close", (exitCode) => {
    resolve({ exitCode, output: stripVTControlCharacters(Buffer.concat(chunks).toString("utf8")) });
  });
  return promise;
}
