import type { Bench, Findings, Goal, Measure } from "./bench.ts";
import { subject } from "./bench.ts";
import type { Machine } from "./machine.ts";
import { type Better, ratio, type Summary, summarize } from "./statistics.ts";

/** What `npm run bench NAME -- --json` prints and `bench/results/NAME.json` keeps. */
export interface BenchResult extends MeasureResult {
  readonly bench: string;
  readonly ratiosMean: string;
  /** When it was taken, and of which revision. */
  readonly taken: string;
  readonly revision: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  readonly course?: readonly string[];
  readonly goals: readonly GoalResult[];
  readonly also: readonly MeasureResult[];
}

export interface MeasureResult {
  readonly metric: string;
  readonly unit: string;
  readonly better: Better;
  readonly sides: Readonly<Record<string, Summary>>;
  /** Keyed `trellis/PEER`; larger is better, whichever way the measure goes. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly expected?: Readonly<Record<string, number>>;
}

export interface GoalResult extends Goal {
  readonly measured: number;
  readonly met: boolean;
}

export type Circumstances = Pick<BenchResult, "machine" | "revision" | "taken" | "versions">;

export function makeResult(bench: Bench, findings: Findings, circumstances: Circumstances): BenchResult {
  const [first, ...also] = findings.measures.map(measureResult) as [MeasureResult, ...MeasureResult[]];
  return {
    bench: bench.name,
    ...first,
    ratiosMean: `${subject}/PEER, of medians, larger is better: ${
      first.better === "higher" ? `${subject} divided by the peer` : `less is better, so the peer divided by ${subject}`
    }`,
    ...circumstances,
    notes: findings.notes,
    ...(findings.course && { course: findings.course }),
    goals: findings.goals.map((goal) => goalResult(goal, first, also)),
    also,
  };
}

function measureResult({ name, unit, better, sides: runs, expected }: Measure): MeasureResult {
  const sides = Object.fromEntries(Object.entries(runs).map(([side, values]) => [side, summarize(values)]));
  const own = sides[subject];
  const peers = own ? Object.entries(sides).filter(([side]) => side !== subject) : [];
  return {
    metric: name,
    unit,
    better,
    sides,
    ratios: Object.fromEntries(
      peers
        .map(([peer, { median }]) => [`${subject}/${peer}`, ratio(own?.median ?? Number.NaN, median, better)] as const)
        // Nothing compares with none, as where nobody's requests fail.
        .filter(([, value]) => Number.isFinite(value)),
    ),
    ...(expected ? { expected } : {}),
  };
}

function goalResult(goal: Goal, first: MeasureResult, also: readonly MeasureResult[]): GoalResult {
  const measure = goal.measure === undefined ? first : also.find(({ metric }) => metric === goal.measure);
  const measured = goal.ratio === undefined ? measure?.sides[goal.side ?? ""]?.median : measure?.ratios[goal.ratio];
  if (measured === undefined) throw new RangeError(`No figure for the goal ${JSON.stringify(goal)}.`);
  const met = measured >= (goal.atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (goal.atMost ?? Infinity);
  return { ...goal, measured, met };
}
