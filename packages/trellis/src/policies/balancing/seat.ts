import type { MemberStatus } from "../pool-status.ts";
import type { Member, MemberStats } from "./balancer.ts";
import { PeakEwma } from "./peak-ewma.ts";
import { stickyValueOf } from "./sticky.ts";
import { SuccessRate } from "./success-rate.ts";

/** What a member that has just joined gets of its share (Envoy's and HAProxy's floor as well). */
export const slowStartFloor = 0.1;

/** A member's place in a pool, and what is known of it. Kept as long as its id stays, so that history is not lost. */
export class Seat {
  readonly id: string;
  readonly stickyValue: string;
  weight = 1;
  backup = false;
  status: MemberStatus = "usable";
  /** Requests that are under way. */
  pending = 0;
  /** The member is no longer in the pool; the seat stays until its last request is answered. */
  left = false;
  /** What round robin and its weighted sisters owe it. */
  turn = 0;
  /** Whether it takes part in the choice that is being made. */
  compares = true;
  readonly cost = new PeakEwma();
  readonly success = new SuccessRate();
  #fullAt = 0;
  #slowStartMs = 0;

  constructor(id: string) {
    this.id = id;
    this.stickyValue = stickyValueOf(id);
  }

  take(member: Member, slowStartMs: number): void {
    this.weight = member.weight;
    this.backup = member.backup;
    this.status = member.status;
    this.left = false;
    this.#slowStartMs = slowStartMs;
    this.#fullAt = member.joinedAt + slowStartMs;
  }

  /** How much of its share it gets: from `slowStartFloor` when it joins, rising in a straight line to 1. */
  rampAt(now: number): number {
    if (now >= this.#fullAt) return 1;
    return Math.max(slowStartFloor, 1 - (this.#fullAt - now) / this.#slowStartMs);
  }

  weightAt(now: number): number {
    return this.weight * this.rampAt(now);
  }

  statsAt(now: number): MemberStats {
    return {
      id: this.id,
      pending: this.pending,
      costMs: this.cost.at(now),
      successRate: this.success.at(now),
      weightNow: this.weightAt(now),
    };
  }
}

/** The greatest `rampAt` of them: where all have just joined, none is held back. */
export function rampMaxAt(seats: readonly Seat[], now: number): number {
  let most = 0;
  for (const seat of seats) most = Math.max(most, seat.rampAt(now));
  return most;
}
