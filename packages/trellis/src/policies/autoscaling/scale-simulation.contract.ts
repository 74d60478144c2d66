import type { Random } from "../../model/clock.ts";
import { decideScale } from "./decide-scale.ts";
import type { InstanceSample, ScaleParams, ScaleReason, ScaleSamples, ScaleState } from "./scale.ts";
import { unscaled } from "./scale-memory.ts";

/** A service on one machine under a load that changes, on a clock of its own. */
export interface ScaleSimulation {
  readonly params: ScaleParams;
  /** Requests a second at this moment, in milliseconds since the start. */
  readonly load: (atMs: number) => number;
  /** Requests that come at one moment, besides: the second in which they come, and how many. */
  readonly bursts?: Readonly<Record<number, number>>;
  readonly untilMs: number;
  /** From the decision to start an instance until it is ready. */
  readonly startMs: number;
  /** What a request takes of its instance's event loop, and for how long it waits for others. */
  readonly loopMs: number;
  readonly waitMs: number;
  readonly instancesAtStart: number;
  readonly cores: number;
  readonly random: Random;
  /** Whether an instance's sample gets lost, by chance. */
  readonly lost?: (random: Random) => boolean;
}

/** What was so in one second, and what was decided at its end. */
export interface ScaleStep {
  readonly atMs: number;
  readonly arrived: number;
  readonly ready: number;
  readonly starting: number;
  /** Requests that wait for a place on an event loop, or for an instance. */
  readonly backlog: number;
  /** How long a request that came now would take. */
  readonly latencyMs: number;
  readonly loopUtilization: number;
  readonly desired: number;
  readonly reason: ScaleReason;
}

const stepMs = 1_000;
const instanceBytes = 120 * 2 ** 20;

interface Pool {
  ready: number;
  /** When those that start will be ready. */
  starting: number[];
  backlog: number;
}

/** Runs it second by second: each asks the policy, which sees what a supervisor would see, and does what it says. */
export function simulateScaling(simulation: ScaleSimulation): readonly ScaleStep[] {
  const pool: Pool = { ready: simulation.instancesAtStart, starting: [], backlog: 0 };
  const steps: ScaleStep[] = [];
  let state: ScaleState = unscaled;
  for (let atMs = stepMs; atMs <= simulation.untilMs; atMs += stepMs) {
    becomeReady(pool, atMs);
    const arrived = arrivals(simulation, atMs);
    const { samples, loopUtilization, latencyMs } = serveOneSecond(simulation, pool, arrived);
    const decision = decideScale(state, samples, atMs, simulation.params);
    state = decision.state;
    const { desired, reason } = decision;
    const { ready, starting, backlog } = { ...pool, starting: pool.starting.length };
    steps.push({ atMs, arrived, ready, starting, backlog, latencyMs, loopUtilization, desired, reason });
    follow(pool, desired, atMs + simulation.startMs);
  }
  return steps;
}

/** How often the number of instances turned from growing to shrinking, or the other way. */
export function turns(steps: readonly ScaleStep[]): number {
  const directions = steps
    .map(({ desired, ready, starting }) => Math.sign(desired - ready - starting))
    .filter((direction) => direction !== 0);
  return directions.filter((direction, nth) => nth > 0 && direction !== directions[nth - 1]).length;
}

function becomeReady(pool: Pool, atMs: number): void {
  const late = pool.starting.filter((readyAtMs) => readyAtMs > atMs);
  pool.ready += pool.starting.length - late.length;
  pool.starting = late;
}

/** Not evenly: the sum of many chances, as the arrivals of many clients are. */
function arrivals({ load, bursts, random }: ScaleSimulation, atMs: number): number {
  const expected = load(atMs);
  const spread = Array.from({ length: 12 }, random).reduce((sum, chance) => sum + chance, -6);
  return Math.max(0, Math.round(expected + spread * Math.sqrt(expected))) + (bursts?.[atMs / stepMs] ?? 0);
}

interface Served {
  readonly samples: ScaleSamples;
  readonly loopUtilization: number;
  readonly latencyMs: number;
}

function serveOneSecond(simulation: ScaleSimulation, pool: Pool, arrived: number): Served {
  const { loopMs, waitMs, random, lost } = simulation;
  const capacity = (pool.ready * stepMs) / loopMs;
  const served = Math.min(pool.backlog + arrived, capacity);
  pool.backlog += arrived - served;
  const loopUtilization = pool.ready === 0 ? 0 : served / capacity;
  // Little's law for what is worked on and what waits for others; what waits for the loop is under way too.
  const inFlight = (served * (loopMs + waitMs)) / stepMs + pool.backlog;
  const instances: InstanceSample[] = Array.from({ length: pool.ready }, () => ({
    loopUtilization,
    inFlight: inFlight / pool.ready,
    poolWaitMs: 0,
    memoryBytes: instanceBytes,
  }));
  return {
    loopUtilization,
    latencyMs: loopMs + waitMs + (capacity === 0 ? stepMs : (pool.backlog / capacity) * stepMs),
    samples: {
      ready: pool.ready,
      starting: pool.starting.length,
      instances: lost ? instances.filter(() => !lost(random)) : instances,
      waiting: pool.ready === 0 ? pool.backlog : 0,
      active: arrived > 0,
      machine: {
        cores: simulation.cores,
        memoryBytes: 16 * 2 ** 30,
        memoryUsedBytes: 2 ** 30 + pool.ready * instanceBytes,
      },
    },
  };
}

/** Those that start are given up first. */
function follow(pool: Pool, desired: number, readyAtMs: number): void {
  while (pool.ready + pool.starting.length < desired) pool.starting.push(readyAtMs);
  while (pool.ready + pool.starting.length > desired && pool.starting.length > 0) pool.starting.pop();
  pool.ready = Math.min(pool.ready, desired);
}
