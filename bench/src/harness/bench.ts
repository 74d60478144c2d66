import type { Better } from "./statistics.ts";

/** One question about speed or memory, answered by `npm run bench NAME`. */
export interface Bench {
  readonly name: string;
  /** What it measures, in one line. */
  readonly line: string;
  /** Whether it measures peers, which must be installed first. */
  readonly hasPeers: boolean;
  /** The packages that are measured; their versions belong to the result. */
  readonly packages: readonly string[];
  readonly run: (how: HowToRun) => Promise<Findings>;
}

export interface HowToRun {
  readonly rounds: number;
  /** Says what is going on, to the person who waits. */
  readonly progress: (says: string) => void;
}

export interface Findings {
  /** What happened, in its order, a line each: shown before the figures. */
  readonly course?: readonly string[];
  /** First what the bench is about, then what was measured beside it. */
  readonly measures: readonly [Measure, ...Measure[]];
  /** How it was done, as far as a reader must know to trust the figures. */
  readonly notes: readonly string[];
  readonly goals: readonly Goal[];
}

export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  /** The runs of each side. The side `trellis`, where there is one, is set against each of the others. */
  readonly sides: Readonly<Record<string, readonly number[]>>;
  /** What each side comes to by arithmetic, where that is known: shown with how far the median is from it. */
  readonly expected?: Readonly<Record<string, number>>;
}

/** What this project has promised itself. Exactly one of `ratio` and `side` says which figure is meant. */
export interface Goal {
  /** `trellis/PEER` of the bench's first measure. */
  readonly ratio?: string;
  /** A side whose median is meant, of the bench's first measure unless `measure` names another. */
  readonly side?: string;
  readonly measure?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The side that all others are compared with. */
export const subject = "trellis";
