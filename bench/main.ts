// usage: npm run bench [NAME] [-- --json] [--save] [--rounds N]
import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import type { Bench } from "./src/harness/bench.ts";
import { endAllChildren } from "./src/harness/child.ts";
import { keepResult, revision } from "./src/harness/keep.ts";
import { describeMachine } from "./src/harness/machine.ts";
import { ensurePeers, versionsOf } from "./src/harness/peers.ts";
import { makeResult } from "./src/harness/result.ts";
import { formatResult } from "./src/harness/table.ts";

const roundsMin = 5;
const usage = 64;
const names = benches.map((bench) => bench.name);

interface Asked {
  readonly name: string | undefined;
  readonly rounds: number;
  readonly json: boolean;
  readonly save: boolean;
}

process.on("SIGINT", () => void endAllChildren().finally(() => process.exit(130)));
process.on("SIGTERM", () => void endAllChildren().finally(() => process.exit(143)));
process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === "string") return complain(asked);
  const { name, rounds, save } = asked;
  if (name === undefined) return list();
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) return complain(`There is no bench "${name}". These there are: ${names.join(", ")}.`);
  if (!Number.isInteger(rounds) || rounds < 1) return complain("--rounds takes a whole number, at least 1.");
  if (save && rounds < roundsMin) return complain(`What is kept has at least ${roundsMin} rounds.`);
  return run(bench, asked);
}

/** What was asked for, or what is wrong with it. */
function readArguments(): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        save: { type: "boolean", default: false },
        rounds: { type: "string", default: String(roundsMin) },
      },
    });
    return { ...values, name: positionals[0], rounds: Number(values.rounds) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function list(): number {
  const width = Math.max(...benches.map((bench) => bench.name.length));
  for (const bench of benches) console.log(`${bench.name.padEnd(width)}  ${bench.line}`);
  console.log("\nnpm run bench NAME [-- --json] [--save] [--rounds N]");
  return 0;
}

function complain(says: string): number {
  console.error(says);
  return usage;
}

async function run(bench: Bench, { rounds, json, save }: Asked): Promise<number> {
  const machine = describeMachine();
  if (bench.hasPeers) ensurePeers();
  try {
    const findings = await bench.run({ rounds, progress: (says) => console.error(`${bench.name}: ${says}`) });
    const taken = new Date().toISOString();
    const versions = versionsOf(bench.packages);
    const result = makeResult(bench, findings, { machine, revision: revision(), taken, versions });
    console.log(json ? JSON.stringify(result) : formatResult(result));
    if (save) console.error(`Kept as ${keepResult(result, names)}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await endAllChildren();
  }
}
