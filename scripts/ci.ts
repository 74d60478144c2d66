// usage: .ci/run
// Checks and tests everything; the last line of the output is the sum.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sum, type Tally, type TestReport, tallyTests } from "./ci-tally.ts";

const reports = mkdtempSync(join(tmpdir(), "trellis-ci-"));
const total = sum([check(), test("test"), test("test:long")]);
rmSync(reports, { recursive: true });

for (const reason of total.reasons) console.log(reason);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

function check(): Tally {
  const exitCode = npmRun("check");
  return { passed: 0, failed: exitCode === 0 ? 0 : 1, reasons: exitCode === 0 ? [] : ["npm run check failed"] };
}

function test(script: string): Tally {
  const reportFile = join(reports, `${script.replace(":", "-")}.json`);
  const exitCode = npmRun(script, "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`);
  const report: TestReport | undefined = existsSync(reportFile)
    ? JSON.parse(readFileSync(reportFile, "utf8"))
    : undefined;
  return tallyTests(`npm run ${script}`, exitCode, report);
}

function npmRun(script: string, ...args: readonly string[]): number | null {
  const env = { ...process.env, TRELLIS_CI: "1" };
  return spawnSync("npm", ["run", script, "--", ...args], { stdio: "inherit", env }).status;
}
