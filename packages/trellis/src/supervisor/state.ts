import type { Group } from "../model/group.ts";
import type { Role } from "../model/role.ts";
import type { CanaryEvidence, RolloutState } from "../policies/rollout/rollout.ts";
import type { ReadyFacts } from "./instance-process.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** What a supervisor must know of an app when it comes after one that was killed. Kept in one file, written whole. */
export interface SupervisorState {
  readonly format: typeof stateFormat;
  /** Counts processes, so that each has a socket and a name of its own. */
  readonly serial: number;
  /** The release that serves; undefined before the first. */
  readonly current?: number;
  /** Oldest first. */
  readonly releases: readonly ReleaseRecord[];
  /** Every process that may run. */
  readonly instances: readonly InstanceRecord[];
  readonly gateways: readonly GatewayRecord[];
  /** What was asked for with `trellis scale`, by pool. */
  readonly scale: Readonly<Record<string, Scale>>;
  /** How many instances each pool has, where its load has decided that. */
  readonly present: Readonly<Record<string, number>>;
  readonly paused: readonly Pause[];
  /** A release that is on its way. */
  readonly rollout?: RolloutRecord;
}

export const stateFormat = 1;

/** A version of the app's code, and what became of it. */
export interface ReleaseRecord {
  /** Counted from 1. */
  readonly number: number;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  /** Where its code came from, for people: `the folder /srv/app`, `main (4f2a91c)`. */
  readonly from: string;
  /** Its `trellis.config.ts`. */
  readonly config: string;
  /** Whether its files are a copy of its own; else it runs in the folder where people edit. */
  readonly copied: boolean;
  readonly state: ReleaseState;
  /** Why it failed, was promoted, was taken back or goes no more. */
  readonly because?: string;
  readonly shape: ReleaseShape;
}

/**
 * `failed`: never got a request. `canary`: gets a share of them. `rolled-back`: got some, and was taken back.
 * `replaced`: another one serves.
 */
export type ReleaseState = "starting" | "canary" | "serving" | "replaced" | "failed" | "rolled-back";

/** What a supervisor must know of the app in a release. Its code is run by the instances only. */
export interface ReleaseShape {
  readonly services: readonly string[];
  /** The service that answers at hosts that are no service's. */
  readonly home: string;
  readonly groups: readonly Group[];
}

/** Between how many instances a pool has. */
export interface Scale {
  readonly min: number;
  readonly max: number;
}

export interface InstanceRecord extends ProcessIdentity {
  /** `web-1@3.17`: its place, its release and which process it is. */
  readonly id: string;
  readonly pool: string;
  readonly role: Role;
  readonly number: number;
  readonly release: number;
  readonly answers: boolean;
  readonly framesSocket?: string;
  /** Undefined until it was ready. */
  readonly facts?: ReadyFacts;
}

export interface GatewayRecord extends ProcessIdentity {
  readonly name: string;
  /** The Unix socket on which it takes orders. */
  readonly control: string;
  readonly port: number;
}

/** How far a release is in the place of another. */
export interface RolloutRecord {
  readonly state: RolloutState;
  /** What becomes of the one before. */
  readonly leftAs: "replaced" | "rolled-back";
  /** What is waited for, or was decided last, as it was when this was written. */
  readonly says?: string;
  /** How many supervisors have come after the one that began it, and gone on. */
  readonly resumed?: number;
  /** Why its canary was promoted. */
  readonly promoted?: string;
  /** What was counted when its canary began. */
  readonly baseline?: CanaryEvidence;
}

/** A service whose requests are held, each at most this long. */
export interface Pause {
  readonly service: string;
  readonly holdMs: number;
}

export const noState: SupervisorState = {
  format: stateFormat,
  serial: 0,
  releases: [],
  instances: [],
  gateways: [],
  scale: {},
  present: {},
  paused: [],
};

/** What was written down; undefined where it is of another format, or no state at all. */
export function readState(text: string): SupervisorState | undefined {
  try {
    const state = JSON.parse(text) as Partial<SupervisorState> | null;
    return state?.format === stateFormat ? { ...noState, ...state } : undefined;
  } catch {
    return undefined;
  }
}
