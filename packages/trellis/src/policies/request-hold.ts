import { DeadlineQueue, type Ticket } from "./deadline-queue.ts";

export interface RequestHoldParams {
  /** So many requests are held at once. Their bodies are not read meanwhile. */
  readonly requestsMax: number;
  /** None is held longer than this, however late its own deadline is. */
  readonly waitMsMax: number;
}

export const requestHoldDefaults: RequestHoldParams = { requestsMax: 10_000, waitMsMax: 30_000 };

/** What people are shown, and the supervisor is told: requests that are held want an instance. */
export interface HoldStatus {
  readonly held: number;
  /** Why requests are held now; undefined where they pass. */
  readonly because?: "no instance is ready" | "paused";
  /** How long the first of them has waited. */
  readonly oldestMs?: number;
}

/**
 * Keeps requests waiting while a service has no ready instance, because it is at rest or starts, or while it is paused.
 * A pause is bounded: after `until` requests pass again, whoever forgot it. First come, first served.
 */
export class RequestHold<Waiter> {
  readonly #params: RequestHoldParams;
  readonly #queue: DeadlineQueue<Waiter>;
  #readyInstances = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(params: RequestHoldParams = requestHoldDefaults) {
    this.#params = params;
    this.#queue = new DeadlineQueue(params.requestsMax);
  }

  /** When to call `takeLate` and `release` next; undefined where nobody waits. */
  nextAt(now: number): number | undefined {
    const deadline = this.#queue.nextDeadline;
    if (deadline === undefined || !this.#isPaused(now)) return deadline;
    return Math.min(deadline, this.#pausedUntil);
  }

  /** How many instances are ready. When it was 0, `release` follows. */
  setReady(instances: number): void {
    this.#readyInstances = instances;
  }

  /** Milliseconds of the same clock as `now`. */
  pauseUntil(until: number): void {
    this.#pausedUntil = until;
  }

  /** Ends a pause. `release` follows. */
  resume(): void {
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  /** Whether a request passes without waiting. Never before those who wait. */
  passes(now: number): boolean {
    return this.#readyInstances > 0 && !this.#isPaused(now) && this.#queue.length === 0;
  }

  /** Holds a request, until its deadline at the longest; undefined where too many are held. */
  hold(waiter: Waiter, deadline: number, now: number): Ticket<Waiter> | undefined {
    return this.#queue.add(waiter, Math.min(deadline, now + this.#params.waitMsMax), now);
  }

  /** Up to `count` of those who waited the longest, to go now; none while there is a reason to wait. */
  release(count: number, now: number): readonly Waiter[] {
    const going: Waiter[] = [];
    if (this.#readyInstances === 0 || this.#isPaused(now)) return going;
    while (going.length < count) {
      const waiter = this.#queue.take(now);
      if (waiter === undefined) break;
      going.push(waiter);
    }
    return going;
  }

  /** Its client has gone away. False where it is not held any more. */
  abandon(ticket: Ticket<Waiter>): boolean {
    return this.#queue.remove(ticket);
  }

  /** Those who waited until their deadline, to be told so. */
  takeLate(now: number): readonly Waiter[] {
    return this.#queue.takeLate(now);
  }

  status(now: number): HoldStatus {
    const since = this.#queue.oldestSinceMs;
    return {
      held: this.#queue.length,
      ...(this.#isPaused(now)
        ? { because: "paused" as const }
        : this.#readyInstances === 0 && { because: "no instance is ready" as const }),
      ...(since !== undefined && { oldestMs: now - since }),
    };
  }

  #isPaused(now: number): boolean {
    return now < this.#pausedUntil;
  }
}
