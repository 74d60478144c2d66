import type { Random } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { CheckResult } from "../../policies/health/active-check.ts";
import { type MemberReport, PoolHealth } from "../../policies/health/pool-health.ts";
import type { PoolRule } from "../port.ts";
import { wantedAgainMs } from "./limits.ts";
import type { PoolMember } from "./pool-member.ts";

export interface PoolOptions {
  readonly random: Random;
  readonly log: Log;
  /** A request waits for an instance, and there is none. */
  readonly onWanted: (pool: string) => void;
  /** Everything that a draining member was asked is answered. */
  readonly onDrained: (upstream: string) => void;
}

/** The instances that host some services, and how well each of them is. */
export class Pool {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #health: PoolHealth;
  #rule: PoolRule;
  #members = new Map<string, PoolMember>();
  #open = 0;
  #onChange: (() => void)[] = [];
  /** Those of which it was logged. */
  readonly #suspects = new Set<string>();
  #wantedAt = Number.NEGATIVE_INFINITY;

  constructor(rule: PoolRule, options: PoolOptions) {
    this.name = rule.name;
    this.#rule = rule;
    this.#options = options;
    this.#health = new PoolHealth(options.random);
  }

  get rule(): PoolRule {
    return this.#rule;
  }

  /** How many can be asked at all, however they are. */
  get open(): number {
    return this.#open;
  }

  member(id: string): PoolMember | undefined {
    return this.#members.get(id);
  }

  /** Calls these whenever the standing of a member has changed, instead of those before. */
  listen(onChange: readonly (() => void)[]): void {
    this.#onChange = [...onChange];
  }

  /** The rule and members from now on. What is known of members that stay is kept. */
  update(rule: PoolRule, members: readonly PoolMember[], now: number): void {
    this.#rule = rule;
    this.#members = new Map(members.map((member) => [member.id, member]));
    this.#health.setMembers([...this.#members.keys()], now);
    for (const member of members) {
      const draining = member.rule.draining === true;
      this.#health.setPhase(member.id, draining ? "draining" : "serving", now);
      if (!draining) member.isDrainedTold = false;
    }
    this.#changed();
  }

  reports(): readonly MemberReport[] {
    return this.#health.reports();
  }

  /** A request was answered by the member, or failed by its fault. */
  answered(id: string, failed: boolean, now: number): void {
    if (this.#health.answered(id, failed, now)) this.#changed();
  }

  checked(id: string, result: CheckResult, now: number): void {
    if (this.#health.checked(id, result, now)) this.#changed();
  }

  /** Those whose turn it is to be checked. Where the rule names no path, nobody's. */
  takeDue(now: number): readonly PoolMember[] {
    if (this.#health.passed(now)) this.#changed();
    if (this.#rule.healthPath === undefined) return [];
    const due = this.#health.takeDue(now).map((id) => this.#members.get(id));
    return due.filter((member) => member !== undefined);
  }

  /** A request waits for an instance. */
  want(now: number): void {
    if (now - this.#wantedAt < wantedAgainMs) return;
    this.#wantedAt = now;
    this.#options.onWanted(this.name);
  }

  /** To be called when a member has nothing under way any more. */
  becameIdle(member: PoolMember): void {
    if (member.rule.draining !== true || member.isDrainedTold) return;
    member.isDrainedTold = true;
    this.#options.onDrained(member.id);
  }

  /** Tells of those that drain and have nothing to finish. */
  tellDrained(): void {
    for (const member of this.#members.values()) if (member.pending === 0) this.becameIdle(member);
  }

  #changed(): void {
    this.#open = 0;
    for (const report of this.#health.reports()) {
      if (report.status !== "closed") this.#open += 1;
      this.#tell(report);
    }
    if (this.#open > 0) this.#wantedAt = Number.NEGATIVE_INFINITY;
    for (const onChange of this.#onChange) onChange();
  }

  /** One line for each member that fell ill or got well. */
  #tell({ id, status, says }: MemberReport): void {
    const { log } = this.#options;
    if (status === "suspect" && !this.#suspects.has(id)) {
      this.#suspects.add(id);
      log.warn("an upstream is left out", { pool: this.name, upstream: id, because: says });
    } else if (status === "usable" && this.#suspects.delete(id)) {
      log.info("an upstream is asked again", { pool: this.name, upstream: id });
    }
  }
}
