import { expect, onTestFinished, test, vi } from "vitest";
import { quietExperiments } from "../../bin/quiet-experiments.mjs";

test("only the experiments that Trellis stands on are kept quiet", () => {
  const { emitWarning } = process;
  onTestFinished(() => {
    process.emitWarning = emitWarning;
  });
  const shown = vi.fn();
  process.emitWarning = shown;
  quietExperiments();
  process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
  process.emitWarning("Type Stripping is an experimental feature and might change at any time", "ExperimentalWarning");
  process.emitWarning("WASI is an experimental feature and might change at any time", "ExperimentalWarning");
  process.emitWarning(new Error("11 listeners added"));
  expect(shown.mock.calls.map(([warning]) => String(warning))).toEqual([
    "WASI is an experimental feature and might change at any time",
    "Error: 11 listeners added",
  ]);
});
