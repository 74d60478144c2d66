import type { Random } from "../../model/clock.ts";
import { isPanic } from "../pool-status.ts";
import { type CheckResult, decideCheck, neverChecked } from "./active-check.ts";
import { checkEveryMs, checkTimeoutMs } from "./limits.ts";
import { judge, type MemberHealth, type MemberPhase, type Verdict } from "./member-verdict.ts";
import { decideEjection, neverEjected } from "./passive-ejection.ts";

/** One member, judged. */
export interface MemberReport extends Verdict {
  readonly id: string;
  /** Since when it has been usable, in milliseconds since 1970: a balancer's `joinedAt`. Of one that is not: when it was last. */
  readonly usableSince: number;
}

interface Entry {
  readonly id: string;
  health: MemberHealth;
  verdict: Verdict;
  usableSince: number;
}

/**
 * The health of a pool's members from what they answer, from active checks and from what their owner says. Each method
 * that is told something returns whether a member's status has changed: then the balancer must hear of it.
 */
export class PoolHealth {
  readonly #random: Random;
  readonly #entries = new Map<string, Entry>();
  #usable = 0;
  #suspects = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The pool from now on. Of members that stay, all that is known is kept; new ones are `serving`. */
  setMembers(ids: readonly string[], now: number): boolean {
    const wanted = new Set(ids);
    const gone = [...this.#entries.keys()].filter((id) => !wanted.has(id));
    const come = ids.filter((id) => !this.#entries.has(id));
    for (const id of gone) this.#entries.delete(id);
    for (const id of come) this.#entries.set(id, this.#newEntry(id, now));
    this.#count();
    return gone.length + come.length > 0;
  }

  /** What its owner says of a member. One that is serving again is judged anew: what it was before has ended. */
  setPhase(id: string, phase: MemberPhase, now: number): boolean {
    const entry = this.#entries.get(id);
    if (!entry || entry.health.phase === phase) return false;
    const anew = phase === "serving" ? { checks: neverChecked(now, this.#random), ejection: neverEjected } : {};
    entry.health = { ...entry.health, ...anew, phase };
    return this.#judge(entry, now);
  }

  /** An active check has ended. */
  checked(id: string, result: CheckResult, now: number): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    entry.health = { ...entry.health, checks: decideCheck(entry.health.checks, result, now, this.#random) };
    return this.#judge(entry, now);
  }

  /** A request was answered, or failed by the member's fault. Allocates nothing while all is well. */
  answered(id: string, failed: boolean, now: number): boolean {
    const entry = this.#entries.get(id);
    if (!entry || (!failed && entry.health.ejection.failures === 0)) return false;
    const standing = { usable: this.#usable, suspects: this.#suspects };
    const ejection = decideEjection(entry.health.ejection, failed, now, standing);
    if (ejection === entry.health.ejection) return false;
    entry.health = { ...entry.health, ejection };
    return this.#judge(entry, now);
  }

  /** Time has passed: ends the ejections that are over. To be called every second or so, or at `changesAt`. */
  passed(now: number): boolean {
    let changed = false;
    for (const entry of this.#entries.values()) changed = this.#judge(entry, now) || changed;
    return changed;
  }

  /** When the next ejection ends, in milliseconds since 1970; undefined where there is none. */
  get changesAt(): number | undefined {
    let first: number | undefined;
    for (const { verdict } of this.#entries.values())
      if (verdict.until !== undefined && (first === undefined || verdict.until < first)) first = verdict.until;
    return first;
  }

  /**
   * Who is to be checked now: begin these checks, and tell how they end by `checked`. Each is named once, and again only if
   * nothing is heard of the check. Only members that are serving are checked.
   */
  takeDue(now: number): readonly string[] {
    const isDue = ({ health }: Entry) => health.phase === "serving" && health.checks.dueAt <= now;
    const due = [...this.#entries.values()].filter(isDue);
    for (const entry of due) {
      const checks = { ...entry.health.checks, dueAt: now + checkTimeoutMs + checkEveryMs };
      entry.health = { ...entry.health, checks };
    }
    return due.map(({ id }) => id);
  }

  /** In the order in which they came. */
  reports(): readonly MemberReport[] {
    return [...this.#entries.values()].map(({ id, verdict, usableSince }) => ({ id, ...verdict, usableSince }));
  }

  /** Whether so many are suspects that they are asked all the same. */
  get panics(): boolean {
    return isPanic(this.#usable, this.#suspects);
  }

  #newEntry(id: string, now: number): Entry {
    const health: MemberHealth = {
      phase: "serving",
      checks: neverChecked(now, this.#random),
      ejection: neverEjected,
    };
    return { id, health, verdict: judge(health, now), usableSince: now };
  }

  #judge(entry: Entry, now: number): boolean {
    const before = entry.verdict.status;
    entry.verdict = judge(entry.health, now);
    const { status } = entry.verdict;
    if (status === before) return false;
    if (status === "usable") entry.usableSince = now;
    this.#count();
    return true;
  }

  #count(): void {
    this.#usable = 0;
    this.#suspects = 0;
    for (const { verdict } of this.#entries.values()) {
      if (verdict.status === "usable") this.#usable += 1;
      else if (verdict.status === "suspect") this.#suspects += 1;
    }
  }
}
