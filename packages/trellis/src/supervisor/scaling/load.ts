import type { MachineSample } from "../../policies/autoscaling/scale.ts";

/** What an instance says of itself at `/loadz` of its own port. Sums since its start: whoever asks twice knows the time between. */
export interface InstanceLoad {
  /** For how long its event loop had something to do, and for how long not. */
  readonly loopActiveMs: number;
  readonly loopIdleMs: number;
  /** Requests that have no answer yet. */
  readonly inFlight: number;
  /** Answers that have begun and go on for as long as somebody listens. An instance of an earlier version counts them above. */
  readonly lasting?: number;
  /** Requests, calls of other instances among them. */
  readonly begun: number;
  /** Waits for a connection to the database: how many took no longer than each of `boundsMs`, and last all others. */
  readonly poolWaits: { readonly boundsMs: readonly number[]; readonly counts: readonly number[] };
}

/** What waits for a service's instances to work it: jobs, events, schedules whose time has come. */
export interface ServiceWork {
  readonly service: string;
  /** How long the oldest has waited; 0 where nothing waits. */
  readonly oldestMs: number;
  /** Jobs under way, in all instances. */
  readonly running: number;
}

/** Where scaling has its figures from. */
export interface LoadSources {
  /** Undefined where it does not answer in time. */
  readonly ofInstance: (privateUrl: string) => Promise<InstanceLoad | undefined>;
  /** Of every service that has something to do. Rejects while the database is away. */
  readonly ofServices: () => Promise<readonly ServiceWork[]>;
  /** What each process holds of the machine's memory, in bytes, by its number. */
  readonly memoryOf: (pids: readonly number[]) => Promise<ReadonlyMap<number, number>>;
  readonly machine: () => MachineSample;
}
