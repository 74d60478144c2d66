/** How one release takes the place of another. Times in milliseconds. Plain data, as all of this file: it can be kept. */
export interface RolloutPlan {
  readonly release: number;
  /** The release that serves; undefined where there is none yet. */
  readonly replaces?: number;
  /** How many instances are to serve in the end. At least 1: one that rests would never be seen to work. */
  readonly instances: number;
  /** How many more than that may run at once, those that drain included. At least 1. */
  readonly surge: number;
  /** An instance that is not ready after this long never will be. */
  readonly readyMsMax: number;
  /** So many instances of a batch may end before they are ready; one more, and the release is given up. */
  readonly failedStartsMax: number;
  /** After the last swap, a crash in this time brings the old release back. */
  readonly soakMs: number;
  readonly canary?: CanaryPlan;
}

export interface CanaryPlan {
  /** The share of requests that the new release gets, above 0 and below 1. */
  readonly share: number;
  readonly forMs: number;
}

export type RolloutPhase =
  | "canary-start" // the first of the new are started; they get nothing
  | "canary" // they get their share and are compared
  | "rolling" // batch by batch, new are started, swapped in, old drained and stopped
  | "soaking" // only new serve; what happens now still counts
  | "done"
  | "abandoned" // the new never served everybody; the old one stayed
  | "returning" // the old one is brought back
  | "rolled-back";

export interface RolloutState {
  readonly plan: RolloutPlan;
  readonly phase: RolloutPhase;
  /** When the phase, or the batch of it, began. Time in which nobody decided is not counted. */
  readonly since: number;
  /** When it was last decided. */
  readonly decidedAt: number;
  /** How many of the release that comes in are to run by now: of the new one, or while `returning` of the old one. */
  readonly batch: number;
  /** How many of the release that goes still serve. */
  readonly staying: number;
  /** How many of the old one served when it all began; known from the first decision on. */
  readonly oldAtStart?: number;
  /** Whether the new release has got requests. */
  readonly served: boolean;
  /** How many of the new one's instances had ended by themselves when the batch, or the phase, began. */
  readonly endsBefore: number;
  /** Since when the new release is slower than the old one. */
  readonly slowSince?: number;
  /** Why it ended as it did, or goes back. */
  readonly because?: string;
}

/** The instances of one release. */
export interface ReleaseInstances {
  readonly starting: number;
  readonly ready: number;
  readonly draining: number;
  /** How many ended by themselves since the rollout began: before they were ready, or later. */
  readonly ended: number;
}

export interface RolloutObservation {
  readonly fresh: ReleaseInstances;
  /** Of the release that is replaced. */
  readonly old: ReleaseInstances;
  /** Of both releases since the phase `canary` began, as the gateway has seen them. */
  readonly evidence?: CanaryEvidence;
  /** What an operator has asked for. */
  readonly order?: "promote" | "roll-back";
}

export interface CanaryEvidence {
  readonly fresh: ReleaseEvidence;
  readonly old: ReleaseEvidence;
}

/** What came of a release's requests. */
export interface ReleaseEvidence {
  readonly requests: number;
  /** Answers of 500 and more, and those that could not be given. */
  readonly failures: number;
  /** The 99th percentile of the last ten seconds; undefined without requests. */
  readonly p99Ms?: number;
}

/** What is to be so now. The driver compares it with what is, and does the rest: twice is the same as once. */
export interface RolloutWants {
  /** Instances of the new release that are to run, started where they are not. */
  readonly fresh: number;
  /** Instances of the old one that are to serve: more are drained, then stopped; fewer are started. */
  readonly old: number;
  /** The share of requests that goes to the new release; undefined: as the instances in the gateway's table are weighted. */
  readonly freshShare?: number;
  /** Whether ready instances of the new release stand in the gateway's table. */
  readonly freshServes: boolean;
}

export type RolloutKind =
  | "starting"
  | "watching"
  | "advanced"
  | "promoted"
  | "soaking"
  | "done"
  | "never-ready"
  | "ended-at-start"
  | "crashed"
  | "errors"
  | "slow"
  | "ordered"
  | "returning"
  | "rolled-back"
  | "abandoned";

export interface RolloutDecision {
  readonly state: RolloutState;
  readonly wants: RolloutWants;
  readonly reason: { readonly kind: RolloutKind; readonly says: string };
}
