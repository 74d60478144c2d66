import type { Purge } from "../model/purge.ts";
import type { InstanceError } from "./instance-process.ts";
import type { ScaleNote } from "./scaling/scale-note.ts";
import type { Scale } from "./state.ts";

/** What commands ask of the supervisor that runs, one line of JSON on a connection of its own. */
export type ControlRequest =
  | { readonly ask: "status" }
  | { readonly ask: "releases" }
  | {
      readonly ask: "deploy";
      readonly source: ReleaseSource;
      /** A command that makes what git does not know, run in the release's folder. */
      readonly build?: string;
      readonly canary?: CanaryWish;
    }
  /** To the release of that number, else to the one that served before. */
  | { readonly ask: "rollback"; readonly to?: number }
  | { readonly ask: "pause"; readonly service: string; readonly holdMs: number }
  | { readonly ask: "resume"; readonly service: string }
  | { readonly ask: "scale"; readonly service: string; readonly scale: Scale }
  /** Between how many instances each group has, and what was decided on that. */
  | { readonly ask: "scaling" }
  /** Of an instance that calls this service and knows none of it: whether one is on its way, as after this it is where all were at rest. */
  | { readonly ask: "wake"; readonly service: string }
  | { readonly ask: "purge"; readonly purge: Purge }
  | { readonly ask: "stop" };

/** Where the code of a release is taken from: a folder as it is, or a commit of the repository it lies in. */
export interface ReleaseSource {
  readonly folder: string;
  /** A branch, tag or commit. */
  readonly ref?: string;
}

/** A share of the requests, for a time, before all of them. */
export interface CanaryWish {
  /** Above 0 and below 1. */
  readonly share: number;
  readonly forMs: number;
}

/** Lines of JSON: as many steps as there are, then one outcome. */
export type ControlAnswer =
  | { readonly answer: "step"; readonly step: ReleaseStep }
  | { readonly answer: "done"; readonly value: unknown }
  | { readonly answer: "failed"; readonly error: InstanceError };

/** How far a release is. */
export interface ReleaseStep {
  readonly event: "release";
  readonly release: number;
  /** What happened, for programs: `copied`, `checked`, or the kind of the rollout's decision. */
  readonly step: string;
  readonly says: string;
}

/** What `trellis status` shows. Times in milliseconds. */
export interface Status {
  readonly url: string;
  readonly release: number | undefined;
  readonly instances: readonly InstanceStatus[];
  readonly gateways: readonly GatewayStatus[];
  readonly services: readonly ServiceStatus[];
  readonly groups: readonly GroupStatus[];
}

/** Instances that are all alike, and how many of them there are. */
export interface GroupStatus {
  readonly group: string;
  readonly instances: number;
  readonly min: number;
  readonly max: number;
  /** Why it has as many as it has; absent where it always has as many. */
  readonly because?: string;
}

/** What `trellis scale` shows. */
export interface ScalingReport {
  readonly groups: readonly GroupStatus[];
  /** Oldest first. */
  readonly decisions: readonly ScaleNote[];
}

export interface InstanceStatus {
  /** `web-1`. */
  readonly name: string;
  readonly role: string;
  readonly release: number;
  readonly state: "starting" | "ready" | "draining" | "crashed" | "crash loop";
  readonly pid?: number;
  readonly upMs?: number;
  readonly restarts: number;
  /** Of the last second. */
  readonly requestsPerSecond?: number;
  readonly inFlight?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of one core: 1 is all of it. */
  readonly cpu?: number;
  readonly memoryBytes?: number;
}

export interface GatewayStatus {
  readonly name: string;
  readonly pid?: number;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly cpu?: number;
  readonly memoryBytes?: number;
}

export interface ServiceStatus {
  readonly service: string;
  readonly requestsPerSecond: number;
  readonly inFlight: number;
  readonly held: number;
  readonly failures: number;
  /** Of all requests, those that the edge answered; undefined without requests. */
  readonly hitRatio?: number;
  readonly paused: boolean;
}
