import type { Random } from "../../model/clock.ts";
import type { Balancer, BalancerName, Wish } from "../../policies/balancing/balancer.ts";
import { makeBalancer } from "../../policies/balancing/make-balancer.ts";
import { Bulkhead } from "../../policies/bulkhead.ts";
import { CircuitBreaker } from "../../policies/circuit-breaker.ts";
import { DeadlineQueue, type Ticket } from "../../policies/deadline-queue.ts";
import type { MemberReport } from "../../policies/health/pool-health.ts";
import { RequestHold, requestHoldDefaults } from "../../policies/request-hold.ts";
import { RetryBudget } from "../../policies/retry-budget.ts";
import type { GatewayRequest, HeaderList } from "../exchange.ts";
import type { ServiceFigures, ServiceRule } from "../port.ts";
import { headerValue } from "./header-value.ts";
import { againEveryMs, answerTimeoutMsDefault, concurrencyMaxDefault, queueMaxDefault } from "./limits.ts";
import type { Pool } from "./pool.ts";
import type { PoolMember } from "./pool-member.ts";
import { stickyValue, withStickyCookie } from "./sticky-cookie.ts";

/** A request that waits for a place or an instance. */
export interface Waiting {
  /** It has what it waited for. */
  go(now: number): void;
  /** What it waited for will not come. */
  late(now: number): void;
}

/** `wish` objects are read at once and not kept, so that one is enough. */
class ReusedWish implements Wish {
  now = 0;
  key: string | undefined;
  avoid: readonly string[] | undefined;
}

const defaultBalancer: BalancerName = "p2c";
const heldMax = requestHoldDefaults.requestsMax;
const forEver = Number.POSITIVE_INFINITY;

/** One service as the gateway knows it: who is asked next, who waits, and when it is better not to ask at all. */
export class Service {
  readonly name: string;
  readonly circuit: CircuitBreaker;
  readonly budget = new RetryBudget();
  readonly #random: Random;
  readonly #hold: RequestHold<Waiting>;
  /** Those that could not be sent and are tried again soon. */
  readonly #again: DeadlineQueue<Waiting>;
  #againAt = 0;
  #rule: ServiceRule;
  #pool: Pool;
  #bulkhead: Bulkhead<Waiting>;
  /** Of the pool's members but for the canary's, and of these. */
  #main: Balancer;
  #canary: Balancer;
  readonly #wish = new ReusedWish();
  #going: Waiting[] = [];
  #isLettingGo = false;
  /** Everything that was claimed for it, whoever answers. */
  requests = 0;
  failures = 0;
  /** Asked again, after a try that failed. */
  retries = 0;
  /** Under way or waiting behind the edge. */
  pending = 0;

  constructor(rule: ServiceRule, pool: Pool, random: Random) {
    this.name = rule.name;
    this.#rule = rule;
    this.#pool = pool;
    this.#random = random;
    this.circuit = new CircuitBreaker(random);
    // Each one knows its own deadline, and takes itself out then.
    this.#hold = new RequestHold({ requestsMax: heldMax, waitMsMax: forEver });
    this.#again = new DeadlineQueue(heldMax);
    this.#bulkhead = makeBulkhead(rule);
    [this.#main, this.#canary] = this.#makeBalancers();
  }

  get rule(): ServiceRule {
    return this.#rule;
  }

  get pool(): Pool {
    return this.#pool;
  }

  get timeoutMs(): number {
    return this.#rule.timeoutMs ?? answerTimeoutMsDefault;
  }

  /** The present one. Whoever entered one leaves the same. */
  get bulkhead(): Bulkhead<Waiting> {
    return this.#bulkhead;
  }

  get isPaused(): boolean {
    return this.#rule.holdMs !== undefined;
  }

  /** From now on. `membersChanged` and `release` follow. */
  update(rule: ServiceRule, pool: Pool, now: number): void {
    const before = this.#rule;
    this.#rule = rule;
    this.#pool = pool;
    if (rule.balance !== before.balance) [this.#main, this.#canary] = this.#makeBalancers();
    if (rule.queueMax !== before.queueMax) this.#bulkhead = makeBulkhead(rule);
    else for (const waiting of this.#bulkhead.resize(concurrencyMaxOf(rule), now)) this.letGo(waiting, now);
    if (this.isPaused) this.#hold.pauseUntil(Number.POSITIVE_INFINITY);
    else this.#hold.resume();
  }

  /** The standing of a member of its pool is another one. */
  membersChanged(): void {
    const reports = this.#pool.reports();
    const isCanary = ({ id }: MemberReport) => this.#isCanary(this.#pool.member(id));
    this.#main.setMembers(reports.filter((report) => !isCanary(report)).map((report) => this.#seatOf(report)));
    this.#canary.setMembers(reports.filter(isCanary).map((report) => this.#seatOf(report)));
    this.#hold.setReady(this.#pool.open);
  }

  balancerOf(member: PoolMember): Balancer {
    return this.#isCanary(member) ? this.#canary : this.#main;
  }

  /**
   * Who is to be asked; undefined where nobody can be. Not one of `tried`: the ids of those that were. Keeps to the
   * client's own (`stickyCookie`) and to the canary's share as far as somebody is there.
   */
  choose(request: GatewayRequest, tried: readonly string[] | undefined, now: number): PoolMember | undefined {
    const { stickyCookie } = this.#rule;
    const { canary } = this.#pool.rule;
    const sticky = stickyCookie === undefined ? undefined : this.#stickyOf(request, stickyCookie);
    if (sticky !== undefined && !tried?.includes(sticky)) return this.#pool.member(sticky);
    const wish = this.#wish;
    wish.now = now;
    wish.key = this.#keyOf(request);
    wish.avoid = tried;
    if (canary === undefined) return this.#memberOf(this.#main.pick(wish));
    const [first, second] = this.#random() < canary.share ? [this.#canary, this.#main] : [this.#main, this.#canary];
    return this.#memberOf(first.pick(wish) ?? second.pick(wish));
  }

  /** The headers of an answer, with the cookie by which the client comes back to who gave it. */
  sticking(headers: HeaderList, request: GatewayRequest): HeaderList {
    const { stickyCookie } = this.#rule;
    const { upstream } = request.facts;
    if (stickyCookie === undefined || upstream === undefined) return headers;
    return withStickyCookie(headers, stickyCookie, upstream, request);
  }

  /** Whether a request may pass now, without waiting for an instance or the end of a pause. */
  passes(now: number): boolean {
    return this.#hold.passes(now);
  }

  /** How long a request waits for that; undefined where it does not. */
  get holdMs(): number | undefined {
    return this.#rule.holdMs ?? this.#pool.rule.wakeMs;
  }

  /** Until an instance is there and no pause holds it. Undefined where too many wait. */
  hold(waiting: Waiting, now: number): Ticket<Waiting> | undefined {
    if (this.#pool.open === 0) this.#pool.want(now);
    return this.#hold.hold(waiting, forEver, now);
  }

  /** Nothing of it could be sent to anybody: it goes again a moment later. Undefined where too many wait. */
  holdAgain(waiting: Waiting, now: number): Ticket<Waiting> | undefined {
    return this.#again.add(waiting, forEver, now);
  }

  /** One that `hold` gave. */
  forgetHeld(ticket: Ticket<Waiting>): void {
    this.#hold.abandon(ticket);
  }

  /** One that `holdAgain` gave. */
  forgetAgain(ticket: Ticket<Waiting>): void {
    this.#again.remove(ticket);
  }

  /** Those who are held go, if they may. */
  release(now: number): void {
    for (const waiting of this.#hold.release(heldMax, now)) this.letGo(waiting, now);
  }

  /** To be called now and then: those that could not be sent go again, and missing instances are asked for. */
  look(now: number): void {
    if (this.#pool.open === 0 && this.#hold.status(now).held > 0) this.#pool.want(now);
    if (now < this.#againAt) return;
    this.#againAt = now + againEveryMs;
    const again = this.#again.length;
    for (let gone = 0; gone < again; gone++) {
      const waiting = this.#again.take(now);
      if (waiting) this.letGo(waiting, now);
    }
  }

  /** It is in no table any more: nobody who waits will get an answer. */
  dismiss(now: number): void {
    for (const queue of [this.#hold, this.#again, this.#bulkhead])
      for (const waiting of queue.takeLate(forEver)) waiting.late(now);
  }

  /** One after the other, however deep in the end of another: a thousand that fail at once are no thousand calls deep. */
  letGo(waiting: Waiting, now: number): void {
    this.#going.push(waiting);
    if (this.#isLettingGo) return;
    this.#isLettingGo = true;
    // Grows while it is gone through.
    for (const next of this.#going) next.go(now);
    this.#going = [];
    this.#isLettingGo = false;
  }

  figures(now: number): Omit<ServiceFigures, "hits"> {
    const { name: service, requests, failures, retries, pending } = this;
    const held = this.#hold.status(now).held + this.#again.length;
    return { service, requests, failures, retries, pending, held };
  }

  #makeBalancers(): [Balancer, Balancer] {
    const name = this.#rule.balance ?? defaultBalancer;
    return [makeBalancer(name, { random: this.#random }), makeBalancer(name, { random: this.#random })];
  }

  #isCanary(member: PoolMember | undefined): boolean {
    const { canary } = this.#pool.rule;
    return canary !== undefined && member?.rule.release === canary.release;
  }

  #seatOf({ id, status, usableSince }: MemberReport) {
    const rule = this.#pool.member(id)?.rule;
    return { id, status, joinedAt: usableSince, weight: rule?.weight ?? 1, backup: rule?.backup === true };
  }

  #memberOf(id: string | undefined): PoolMember | undefined {
    return id === undefined ? undefined : this.#pool.member(id);
  }

  #stickyOf(request: GatewayRequest, cookie: string): string | undefined {
    const value = stickyValue(request, cookie);
    return value === undefined ? undefined : (this.#main.sticky(value) ?? this.#canary.sticky(value));
  }

  #keyOf(request: GatewayRequest): string | undefined {
    const { balance, hashBy = "path" } = this.#rule;
    if (balance === "ip-hash") return request.clientAddress;
    if (balance !== "consistent-hash") return undefined;
    if (hashBy !== "path") return headerValue(request.headers, hashBy.slice("header:".length).toLowerCase());
    const query = request.target.indexOf("?");
    return query < 0 ? request.target : request.target.slice(0, query);
  }
}

const concurrencyMaxOf = ({ concurrencyMax }: ServiceRule): number => concurrencyMax ?? concurrencyMaxDefault;

function makeBulkhead(rule: ServiceRule): Bulkhead<Waiting> {
  return new Bulkhead({ concurrencyMax: concurrencyMaxOf(rule), queueMax: rule.queueMax ?? queueMaxDefault });
}
