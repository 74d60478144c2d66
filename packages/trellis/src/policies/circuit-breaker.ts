import type { Random } from "../model/clock.ts";
import { WindowedSum } from "./windowed-sum.ts";

export interface CircuitParams {
  /** Requests of this long are judged together. */
  readonly windowMs: number;
  /** Fewer requests in the window than this open nothing. */
  readonly requestsMin: number;
  /** It opens when this share of the window's requests failed. */
  readonly failureRatio: number;
  /** How long it is open at first; twice as long each time that its probes fail. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** So many requests pass at once while it is half-open, and so many must succeed for it to close. */
  readonly probes: number;
  /** A probe that is not over after this long is given up, so that a lost one does not keep it half-open for ever. */
  readonly probeMsMax: number;
  /** After this long without opening, the next time is a first time again. */
  readonly calmMs: number;
}

export const circuitDefaults: CircuitParams = {
  windowMs: 10_000,
  requestsMin: 20,
  failureRatio: 0.5,
  openMs: 1_000,
  openMsMax: 30_000,
  probes: 3,
  probeMsMax: 30_000,
  calmMs: 120_000,
};

/** `abandoned`: the client went away, or a limit of our own ended it; says nothing about the service. */
export type CircuitOutcome = "succeeded" | "failed" | "abandoned";

/** What people are shown of a circuit. */
export interface CircuitStatus {
  readonly state: "closed" | "open" | "half-open";
  /** Why it is not closed: `27 of 40 requests in 10 s failed, the last: connection refused`. */
  readonly because?: string;
  /** When it is tried again, in milliseconds of the same clock. */
  readonly retryAt?: number;
  /** Requests and failures of the window. */
  readonly requests: number;
  readonly failures: number;
}

/** What `enter` answers where the request must not be sent. */
export const refused = 0;

/** The share of an open time that is left to chance, so that several gateways do not probe at the same moment. */
const jitter = 0.2;

/**
 * Stops asking a service that fails, so that it can recover and its callers need not wait (M. Nygard, Release It!, 2007).
 * Closed: all requests pass. Open: none. Half-open: a few probes; if they succeed it closes, if one fails it opens for
 * twice as long. Each request: `const pass = circuit.enter(now)`, and unless it is `refused`, once
 * `circuit.leave(pass, outcome, now)`. Allocates nothing unless it opens.
 */
export class CircuitBreaker {
  readonly #params: CircuitParams;
  readonly #random: Random;
  readonly #requests: WindowedSum;
  readonly #failures: WindowedSum;
  #state: CircuitStatus["state"] = "closed";
  /** Grows with each change of state: what began before the change says nothing about the state after it. */
  #generation = 1;
  #changedAt = 0;
  #openings = 0;
  #openForMs = 0;
  #because = "";
  #probing = 0;
  #probed = 0;

  constructor(random: Random, params: CircuitParams = circuitDefaults) {
    this.#random = random;
    this.#params = params;
    this.#requests = new WindowedSum(params.windowMs);
    this.#failures = new WindowedSum(params.windowMs);
  }

  /** The pass of a request that may be sent now, or `refused`. */
  enter(now: number): number {
    return this.#state === "closed" ? this.#generation : this.#enterAsProbe(now);
  }

  /** How a request went that had `pass`. `why` says it in a few words where it failed: `no answer in 2 s`. */
  leave(pass: number, outcome: CircuitOutcome, now: number, why?: string): void {
    if (pass !== this.#generation) return;
    if (this.#state === "half-open") this.#leaveAsProbe(outcome, now, why);
    else if (outcome !== "abandoned") this.#count(outcome === "failed", now, why);
  }

  /** How long until a request may pass; 0 unless it is open. */
  retryAfterMs(now: number): number {
    if (this.#state !== "open") return 0;
    return Math.max(0, this.#changedAt + this.#openForMs - Math.max(now, this.#changedAt));
  }

  status(now: number): CircuitStatus {
    const counted = { requests: this.#requests.total(now), failures: this.#failures.total(now) };
    if (this.#state === "closed") return { state: "closed", ...counted };
    const retryAt = this.#changedAt + this.#openForMs;
    return { state: this.#state, because: this.#because, retryAt, ...counted };
  }

  #enterAsProbe(now: number): number {
    // A clock that was set back must not leave it open until the old time has come again.
    if (now < this.#changedAt) this.#changedAt = now;
    if (this.#state === "open") {
      if (now - this.#changedAt < this.#openForMs) return refused;
      this.#change("half-open", now);
    }
    if (this.#probing + this.#probed >= this.#params.probes) {
      if (now - this.#changedAt < this.#params.probeMsMax) return refused;
      this.#change("half-open", now);
    }
    this.#probing += 1;
    return this.#generation;
  }

  #leaveAsProbe(outcome: CircuitOutcome, now: number, why: string | undefined): void {
    this.#probing -= 1;
    if (outcome === "failed") this.#open(`it was tried again, and failed${why === undefined ? "" : `: ${why}`}`, now);
    else if (outcome === "succeeded") {
      this.#probed += 1;
      if (this.#probed >= this.#params.probes) this.#close(now);
    }
  }

  #count(failed: boolean, now: number, why: string | undefined): void {
    this.#requests.add(1, now);
    if (!failed) return;
    this.#failures.add(1, now);
    const requests = this.#requests.total(now);
    const failures = this.#failures.total(now);
    if (requests < this.#params.requestsMin || failures < requests * this.#params.failureRatio) return;
    const last = why === undefined ? "" : `, the last: ${why}`;
    this.#open(`${failures} of ${requests} requests in ${this.#params.windowMs / 1_000} s failed${last}`, now);
  }

  #open(because: string, now: number): void {
    if (this.#state === "closed" && now - this.#changedAt >= this.#params.calmMs) this.#openings = 0;
    const fullMs = Math.min(this.#params.openMsMax, this.#params.openMs * 2 ** Math.min(this.#openings, 30));
    this.#openForMs = Math.ceil(fullMs * (1 - jitter * this.#random()));
    this.#openings += 1;
    this.#because = because;
    this.#change("open", now);
  }

  #close(now: number): void {
    this.#requests.clear();
    this.#failures.clear();
    this.#change("closed", now);
  }

  #change(state: CircuitStatus["state"], now: number): void {
    this.#state = state;
    this.#generation += 1;
    this.#changedAt = now;
    this.#probing = 0;
    this.#probed = 0;
  }
}
