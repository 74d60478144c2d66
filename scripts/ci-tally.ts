/** The part of Vitest's JSON report that counting needs. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[] | null;
}

const shownLines = 15;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Why `failed` is what it is: a line each, with the beginning of the error under it. */
  readonly reasons: readonly string[];
}

/** Counts one run of Vitest; no report means that Vitest itself broke down. */
export function tallyTests(command: string, exitCode: number | null, report: TestReport | undefined): Tally {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const passed = tests.filter(({ status }) => status === "passed").length;
  const reasons = [
    // A test that did not run has proved nothing, so whatever has not passed has failed.
    ...tests.filter(({ status }) => status !== "passed").map(reason),
    ...files.filter(brokeOutsideItsTests).map(({ name }) => `${name} broke outside its tests`),
  ];
  if (reasons.length === 0 && exitCode !== 0) reasons.push(`${command} ended with exit code ${exitCode}`);
  if (reasons.length === 0 && passed === 0) reasons.push(`${command} found no tests`);
  return { passed, failed: reasons.length, reasons };
}

/** Whoever reads the end of the output need not search the rest of it. */
function reason({ status, fullName, failureMessages }: TestResult): string {
  const error = (failureMessages ?? []).flatMap((message) => message.split("\n").slice(0, shownLines));
  return [`${status}: ${fullName}`, ...error.map((line) => `    ${line}`)].join("\n");
}

function brokeOutsideItsTests({ status, assertionResults }: TestReport["testResults"][number]): boolean {
  return status === "failed" && assertionResults.every((test) => test.status !== "failed");
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failed: tallies.reduce((total, { failed }) => total + failed, 0),
    reasons: tallies.flatMap(({ reasons }) => reasons),
  };
}
