import type { BenchResult, GoalResult, MeasureResult } from "./result.ts";
import { cellsOf, figureOf, formatNumber } from "./table.ts";

const begin = "<!-- results: written by `npm run bench NAME -- --save` -->";
const end = "<!-- end of results -->";

/** The page with the results of `results` in place of those that it had. Throws where it has no place for them. */
export function withResults(page: string, results: readonly BenchResult[]): string {
  const [before, rest] = cut(page, begin);
  const [, after] = cut(rest, end);
  return `${before}${begin}\n\n${results.map(sectionOf).join("\n")}\n${end}${after}`;
}

function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`The page of results has no line "${mark}".`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function sectionOf(result: BenchResult): string {
  const { bench, machine, taken, revision, goals, also } = result;
  const lines = [
    `### ${bench}`,
    "",
    ...[result, ...also].flatMap((measure) => [...tableOf(measure), ""]),
    ...goals.map((goal) => `- ${formatGoal(goal)}`),
    ...(goals.length > 0 ? [""] : []),
    `${taken.slice(0, 10)}, revision ${revision}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB,`,
    `${machine.system}, Node ${machine.node}, load before ${machine.loadBefore}. Raw: [${bench}.json](../bench/results/${bench}.json).`,
  ];
  return `${lines.join("\n")}\n`;
}

function tableOf(measure: MeasureResult): readonly string[] {
  const [head = [], ...rows] = cellsOf(measure);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|---|${"--:|".repeat(head.length - 1)}`, ...rows.map(line)];
}

function formatGoal(goal: GoalResult): string {
  return `${figureOf(goal)}: ${goal.met ? "met" : "**not met**"} with ${formatNumber(goal.measured)}`;
}
