import { describe, expect, it } from "vitest";
import { sum, type TestReport, tallyTests } from "./ci-tally.ts";

const report = (status: string, ...tests: readonly string[]): TestReport => ({
  testResults: [
    {
      name: "a.test.ts",
      status,
      assertionResults: tests.map((test) => ({ status: test, fullName: `a ${test} test` })),
    },
  ],
});

describe("the tally of a CI run", () => {
  it("counts what passed", () => {
    expect(tallyTests("npm test", 0, report("passed", "passed", "passed"))).toEqual({
      passed: 2,
      failed: 0,
      reasons: [],
    });
  });

  it("counts a failure once, although the exit code tells of it too", () => {
    expect(tallyTests("npm test", 1, report("failed", "passed", "failed"))).toEqual({
      passed: 1,
      failed: 1,
      reasons: ["failed: a failed test"],
    });
  });

  it("shows how the error of a failed test begins", () => {
    const error = ["Error: 1 is not 2", ...Array.from({ length: 40 }, (_, line) => `at line ${line}`)].join("\n");
    const failed = { status: "failed", fullName: "a sum", failureMessages: [error] };
    const [reason] = tallyTests("npm test", 1, {
      testResults: [{ name: "a.test.ts", status: "failed", assertionResults: [failed] }],
    }).reasons;
    expect(reason?.split("\n").slice(0, 3)).toEqual(["failed: a sum", "    Error: 1 is not 2", "    at line 0"]);
    expect(reason?.split("\n")).toHaveLength(16);
  });

  it.each(["skipped", "pending", "todo"])("counts a %s test as failed", (status) => {
    expect(tallyTests("npm test", 0, report("passed", "passed", status))).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts a file that does not load as one failure", () => {
    expect(tallyTests("npm test", 1, report("failed"))).toMatchObject({
      failed: 1,
      reasons: ["a.test.ts broke outside its tests"],
    });
  });

  it("counts a failing hook as a failure, although every test passed", () => {
    expect(tallyTests("npm test", 1, report("failed", "passed"))).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts an error outside all files as one failure", () => {
    expect(tallyTests("npm test", 1, report("passed", "passed")).reasons).toEqual(["npm test ended with exit code 1"]);
  });

  it("counts a run without a report, or without tests, as one failure", () => {
    expect(tallyTests("npm test", 1, undefined).failed).toBe(1);
    expect(tallyTests("npm test", 0, { testResults: [] }).reasons).toEqual(["npm test found no tests"]);
  });

  it("sums the runs", () => {
    const runs = [tallyTests("npm test", 0, report("passed", "passed")), tallyTests("npm run test:long", 1, undefined)];
    expect(sum(runs)).toEqual({ passed: 1, failed: 1, reasons: ["npm run test:long ended with exit code 1"] });
  });
});
