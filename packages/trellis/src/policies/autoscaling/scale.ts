/** How a service's role scales. One of these for each. Times in milliseconds. */
export interface ScaleParams {
  /** 0: it may come to rest. */
  readonly instancesMin: number;
  readonly instancesMax: number;
  /** The share of its time that an event loop is to be busy. */
  readonly loopUtilizationTarget: number;
  /** Requests, or jobs, that one instance is to have under way at once. */
  readonly inFlightTarget: number;
  /** A request waits at most this long for a connection to the database. */
  readonly poolWaitMsMax: number;
  /** Of workers: how old the oldest waiting job may become. */
  readonly oldestJobMsMax: number;
  /** Slower than this, nothing is taken away. Never a reason to add. */
  readonly latencyMsGuard: number;
  /** Within this much of a target nothing is changed. */
  readonly tolerance: number;
  /** Over how long the signals are averaged before fewer are asked for. */
  readonly stableMs: number;
  /** Over how long they are averaged to see a panic. */
  readonly panicMs: number;
  /** So many times as many wanted as there are is a panic. */
  readonly panicRatio: number;
  /** Down only to the most that was wanted in this time. */
  readonly downMs: number;
  /**
   * Over how long the signals are averaged before more are asked for. In this time at most `upFactor` times as many
   * are started, or `upStep` more, whichever is more.
   */
  readonly upMs: number;
  readonly upFactor: number;
  readonly upStep: number;
  /** After so long without anything to do, and the grace after it, it comes to rest. */
  readonly idleMs: number;
  readonly graceMs: number;
  /** The share of the machine's memory that may be in use. */
  readonly memoryShareMax: number;
  readonly instancesPerCore: number;
}

/** What one ready instance said of itself. */
export interface InstanceSample {
  /** Of the time since its last sample, the share in which its event loop was busy: 0 to 1. */
  readonly loopUtilization: number;
  /** Requests, or jobs, under way. */
  readonly inFlight: number;
  /** How long the slowest of 20 requests waited for a connection to the database; 0 without one. */
  readonly poolWaitMs: number;
  readonly memoryBytes: number;
}

/** All that is known at one moment. To be given every second or two. */
export interface ScaleSamples {
  /** Instances that are ready, whether or not they said something. Not those that drain. */
  readonly ready: number;
  /** Instances that were started and are not ready yet. */
  readonly starting: number;
  /** Of the ready ones, those that said something since the last time. */
  readonly instances: readonly InstanceSample[];
  /** Requests that are held because no instance is ready, or jobs that wait while there is no worker. */
  readonly waiting: number;
  /** Whether anything was asked of it since the last time, health checks aside. */
  readonly active: boolean;
  readonly oldestJobMs?: number;
  /** The 99th percentile of its answers lately. */
  readonly p99Ms?: number;
  readonly machine: MachineSample;
}

export interface MachineSample {
  readonly cores: number;
  readonly memoryBytes: number;
  /** By everything that runs on it. */
  readonly memoryUsedBytes: number;
}

/** What is remembered between decisions. Plain data: it can be kept and read again. */
export interface ScaleState {
  /** For each decision of the stable window, the oldest first. */
  readonly demand: readonly Demand[];
  /** The most that were wanted in each fifteenth of `downMs`, the oldest first. */
  readonly wanted: readonly Count[];
  /** How many ran at each decision of the last `upMs`. */
  readonly running: readonly Count[];
  /** When there was something to do the last time, or when it was first looked. */
  readonly activeAt?: number;
  /** Until when a panic lasts, unless it is renewed. */
  readonly panicUntil?: number;
}

export interface Count {
  readonly at: number;
  readonly instances: number;
}

/** What was asked of all instances together at one moment. */
export interface Demand {
  readonly at: number;
  /** Of those that said something, the sum. */
  readonly loopUtilization: number;
  /** Of those that said something, the sum, and what waits for an instance. */
  readonly inFlight: number;
  /** Of those that said something, the mean. */
  readonly poolWaitMs: number;
  /** Ready instances that said nothing. */
  readonly missing: number;
}

export type ScaleKind =
  | "steady" // within tolerance of the targets
  | "loop-utilization" // event loops are busy, or not
  | "in-flight"
  | "pool-wait"
  | "oldest-job"
  | "panic" // the demand has at least doubled within seconds
  | "woken" // it was at rest and something waits
  | "idle" // it comes to rest
  | "waiting-to-rest" // idle, and not for long enough
  | "waiting-to-shrink" // fewer would do, and not for long enough
  | "latency-guard"
  | "no-samples" // nothing is known: nothing is changed
  | "minimum"
  | "maximum"
  | "memory"
  | "cores"
  | "up-rate";

export interface ScaleReason {
  readonly kind: ScaleKind;
  /** For people: `Event loops are busy 82% of the time, 60% is the aim: 3 to 5 instances.` */
  readonly says: string;
  /** What kept it from what the signals asked for. */
  readonly limitedBy?: "minimum" | "maximum" | "memory" | "cores" | "up-rate";
}

export interface ScaleDecision {
  /** How many instances there should be, those that start included. */
  readonly desired: number;
  readonly reason: ScaleReason;
  readonly state: ScaleState;
}
