import type { Random } from "../../model/clock.ts";
import type { MemberStatus } from "../pool-status.ts";

/** The ways in which requests are spread over a pool, as configuration names them. `p2c` unless said. */
export type BalancerName =
  | "random"
  | "round-robin"
  | "weighted-round-robin"
  | "least-connections"
  | "ip-hash"
  | "consistent-hash"
  | "p2c";

/** One instance or origin that requests can go to. */
export interface Member {
  /** Names its own: what is known of a member is kept as long as its id stays in the pool. */
  readonly id: string;
  /** How much it can do beside the others: more than 0, at most `weightMax`. 1 for all unless they differ. */
  readonly weight: number;
  /** Asked only while no other can be. */
  readonly backup: boolean;
  readonly status: MemberStatus;
  /** When it became usable, in milliseconds since 1970: from then on its slow start is counted. */
  readonly joinedAt: number;
}

/** What is looked for. It is read at once and not kept: one object can serve for all requests. */
export interface Wish {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `ip-hash`: the client's address. `consistent-hash`: what is to be answered by the same member. Without it: by chance. */
  readonly key?: string | undefined;
  /** The ids of those that were tried already. */
  readonly avoid?: readonly string[] | undefined;
}

/** What came of a request. Read at once and not kept. */
export interface Outcome {
  /** From handing it over to the head of the answer, or to its failure, in milliseconds. */
  readonly tookMs: number;
  /** The member is to blame: a reset, no answer in time, a 5xx. */
  readonly failed: boolean;
}

/** What is known of one member. */
export interface MemberStats {
  readonly id: string;
  /** Requests that are under way. */
  readonly pending: number;
  /** Peak EWMA of its round trips, in milliseconds; 0 while nothing is known. */
  readonly costMs: number;
  /** Of its latest answers, the share that was good: 0 to 1. */
  readonly successRate: number;
  /** Its weight, less as long as it starts slowly. */
  readonly weightNow: number;
}

/** Decides which member of a pool gets a request. Knows no clock and no socket: it is told what happens. */
export interface Balancer {
  readonly name: BalancerName;
  /** The pool from now on. What is known of members that stay is kept. Throws a RangeError for a weight out of bounds. */
  setMembers(members: readonly Member[]): void;
  /**
   * The id of the member that is to get the request; undefined where there is none, or all of them are to be avoided.
   * Allocates nothing.
   */
  pick(wish: Wish): string | undefined;
  /** A request has gone to the member. */
  started(id: string): void;
  /** It was answered, failed or was given up. Once for each `started`. */
  finished(id: string, now: number, outcome: Outcome): void;
  /** It was given up by its client before there was an answer: says nothing about the member. Instead of `finished`. */
  abandoned(id: string): void;
  /** The member that a sticky cookie names (`stickyValueOf`), if it may be asked now. */
  sticky(cookieValue: string): string | undefined;
  /** Whether the pool is balanced as if no member was a suspect (`isPanic`). */
  readonly panics: boolean;
  stats(now: number): readonly MemberStats[];
}

export interface BalancerOptions {
  readonly random: Random;
  /** How long a member that has joined takes to get its full share. 0: at once. */
  readonly slowStartMs?: number;
}
