import { subject } from "./bench.ts";
import type { BenchResult, GoalResult, MeasureResult } from "./result.ts";

/** The result for a person at a terminal. */
export function formatResult(result: BenchResult): string {
  const { machine, versions } = result;
  return [
    ...(result.course ? [...result.course, ""] : []),
    ...[result, ...result.also].flatMap((measure) => [...aligned(cellsOf(measure)), ""]),
    ...(Object.keys(result.ratios).length > 0 ? [`Ratios are ${result.ratiosMean}.`] : []),
    ...result.notes.map((note) => `${note}.`),
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load before ${machine.loadBefore}.`,
    ...(Object.keys(versions).length > 0
      ? [
          `${Object.entries(versions)
            .map((pair) => pair.join(" "))
            .join(", ")}.`,
        ]
      : []),
    ...result.goals.map(formatGoal),
  ].join("\n");
}

/** The table of one measure: its head, then a row for each side. */
export function cellsOf({ metric, unit, sides, ratios, expected }: MeasureResult): readonly (readonly string[])[] {
  const withRatios = Object.keys(ratios).length > 0;
  const columns = [...(withRatios ? [`${subject}/side`] : []), ...(expected ? ["expected", "deviation"] : [])];
  const rows = Object.entries(sides).map(([side, { median, minimum, maximum }]) => [
    side,
    ...[median, minimum, maximum].map(formatNumber),
    ...(withRatios ? [ratios[`${subject}/${side}`]?.toFixed(2) ?? ""] : []),
    ...(expected ? deviationFrom(expected[side], median) : []),
  ]);
  return [[`${metric} (${unit})`, "median", "minimum", "maximum", ...columns], ...rows];
}

function deviationFrom(expected: number | undefined, median: number): readonly [string, string] {
  if (expected === undefined) return ["", ""];
  const deviation = median - expected;
  return [formatNumber(expected), `${deviation < 0 ? "−" : "+"}${Math.abs(deviation).toFixed(2)}`];
}

/** The first column to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function formatGoal(goal: GoalResult): string {
  return `${goal.met ? "✓" : "✗"} goal: ${figureOf(goal)}, measured ${formatNumber(goal.measured)}`;
}

/** What a goal asks for: `trellis/bare ≥ 0.65`. */
export function figureOf({ ratio, side, measure, atLeast, atMost }: GoalResult): string {
  const figure = [ratio ?? side, measure].filter(Boolean).join(", ");
  const bounds = [
    ...(atLeast === undefined ? [] : [`≥ ${formatNumber(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${formatNumber(atMost)}`]),
  ];
  return `${figure} ${bounds.join(" ")}`;
}

/** Four significant digits, every digit from 10,000 on. */
export const formatNumber = (value: number): string =>
  value.toLocaleString("en", { maximumSignificantDigits: value < 1e4 ? 4 : 21 });
