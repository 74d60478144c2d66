import type { Duplex } from "node:stream";
import type { Bulkhead } from "../../policies/bulkhead.ts";
import { type CircuitOutcome, refused } from "../../policies/circuit-breaker.ts";
import type { Ticket } from "../../policies/deadline-queue.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import { AskedMember } from "./asked-member.ts";
import type { Surroundings, Watched } from "./deadline-watch.ts";
import type { PoolMember } from "./pool-member.ts";
import { refusals } from "./refusals.ts";
import type { Service, Waiting } from "./service.ts";
import { isUnsent, Tries } from "./tries.ts";

/**
 * One request on its way through its service: waits where it must, is tried with one instance after another, and hands the
 * answer on. It is the sink of the instance, and what the hop before it holds on to.
 */
export class Passage implements UpgradeSink, Forwarding, Waiting, Watched {
  readonly #surroundings: Surroundings;
  readonly #service: Service;
  readonly #request: GatewayRequest;
  readonly #sink: AnswerSink;
  readonly #upgradeSink: UpgradeSink | undefined;
  readonly #tries: Tries;
  #state: "held" | "held-again" | "queued" | "trying" | "answering" | "over" = "held";
  #isAborted = false;
  /** Whether the deadline is the service's: one that the client set says nothing about the service. */
  #isOwnDeadline = false;
  /** While it waits for something else than an answer. */
  #ticket: Ticket<Waiting> | undefined;
  /** While it has a place there, or waits for one. */
  #bulkhead: Bulkhead<Waiting> | undefined;
  /** The pass of the circuit. */
  #pass = refused;
  #asked: AskedMember | undefined;
  #forwarding: Forwarding | undefined;
  #beganMs = 0;
  #status = 0;
  watchedUntil = 0;
  watchedBefore: Watched | undefined;
  watchedAfter: Watched | undefined;
  isWatched = false;

  constructor(
    surroundings: Surroundings,
    service: Service,
    request: GatewayRequest,
    sink: AnswerSink,
    upgradeSink: UpgradeSink | undefined,
  ) {
    this.#surroundings = surroundings;
    this.#service = service;
    this.#request = request;
    this.#sink = sink;
    this.#upgradeSink = upgradeSink;
    this.#tries = new Tries(service, request);
  }

  begin(): void {
    const service = this.#service;
    const now = this.#surroundings.now();
    service.pending += 1;
    service.budget.deposit(now);
    const deadlineMs = this.#request.startMs + service.timeoutMs;
    this.#isOwnDeadline = deadlineMs <= this.#request.deadlineMs;
    if (this.#isOwnDeadline) this.#request.deadlineMs = deadlineMs;
    if (service.passes(now)) this.#takePlace(now);
    else this.#hold(now);
  }

  // What the hop before asks for.

  resume(): void {
    this.#forwarding?.resume();
  }

  abort(): void {
    if (this.#state === "over") return;
    const now = this.#surroundings.now();
    this.#isAborted = true;
    this.#forwarding?.abort();
    this.#asked?.abandoned(now);
    this.#end(now, "abandoned");
  }

  // What it waited for.

  go(now: number): void {
    if (this.#state === "over") return;
    this.#ticket = undefined;
    this.#surroundings.watch.remove(this);
    if (this.#state === "queued") this.#enterCircuit(now);
    else this.#takePlace(now);
  }

  late(now: number): void {
    if (this.#state === "over") return;
    const late = this.#state === "queued" ? refusals.noPlaceInTime : refusals.noneInTime;
    this.#refuse(now, late(this.#service));
  }

  timedOut(now: number): void {
    if (!this.#asked) {
      this.late(now);
      return;
    }
    const { beganMs, member } = this.#asked;
    this.#forwarding?.abort();
    this.#tryFailed(now, { reason: "timeout", says: `${member.id} gave no answer in ${Math.round(now - beganMs)} ms` });
  }

  // What the instance answers.

  interim(status: number, headers: HeaderList): void {
    this.#sink.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    const now = this.#surroundings.now();
    if (status === 503 && this.#forwarding && this.#asksAnother(now)) return;
    this.#answers(now, status, headers);
    this.#sink.head(status, this.#service.sticking(headers, this.#request));
  }

  data(chunk: Uint8Array): boolean {
    return this.#sink.data(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#answered(this.#surroundings.now());
    this.#sink.end(trailers);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    const now = this.#surroundings.now();
    if (status === 503 && this.#asksAnother(now)) return;
    this.#answers(now, status);
    this.#answered(now);
    this.#sink.whole(status, this.#service.sticking(headers, this.#request), body);
  }

  switched(headers: HeaderList): Duplex {
    if (!this.#upgradeSink) throw new Error("Only what asked to switch protocols can be switched.");
    const now = this.#surroundings.now();
    this.#answers(now, 101);
    this.#leavePlace(now);
    this.#asked?.lasts();
    const side = this.#upgradeSink.switched(headers);
    side.once("close", () => {
      if (this.#state !== "over") this.#answered(this.#surroundings.now());
    });
    return side;
  }

  fail(failure: UpstreamFailure): void {
    if (this.#state === "over") return;
    const now = this.#surroundings.now();
    if (this.#state !== "answering") {
      this.#tryFailed(now, failure);
      return;
    }
    const failed = failure.reason !== "body-failed";
    this.#leaveMember(now, failed);
    this.#refuse(now, failure, failed ? "failed" : "abandoned");
  }

  // The way to an instance.

  #hold(now: number): void {
    const service = this.#service;
    const { holdMs } = service;
    this.#ticket = holdMs === undefined ? undefined : service.hold(this, now);
    if (this.#ticket) this.#waitUntil(Math.min(now + (holdMs ?? 0), this.#request.deadlineMs));
    else this.#refuse(now, holdMs === undefined ? refusals.none(service) : refusals.tooManyWait(service));
  }

  #takePlace(now: number): void {
    const { bulkhead } = this.#service;
    if (bulkhead.tryEnter()) {
      this.#bulkhead = bulkhead;
      this.#enterCircuit(now);
      return;
    }
    this.#ticket = bulkhead.wait(this, Number.POSITIVE_INFINITY, now);
    if (!this.#ticket) {
      this.#refuse(now, refusals.noPlace(this.#service));
      return;
    }
    this.#bulkhead = bulkhead;
    this.#state = "queued";
    this.#waitUntil(this.#request.deadlineMs);
  }

  #waitUntil(deadlineMs: number): void {
    this.watchedUntil = deadlineMs;
    this.#surroundings.watch.add(this);
  }

  #enterCircuit(now: number): void {
    const service = this.#service;
    this.#pass = service.circuit.enter(now);
    if (this.#pass === refused) {
      this.#refuse(now, refusals.circuitOpen(service, now));
      return;
    }
    if (this.#beganMs === 0) this.#beganMs = now;
    const member = service.choose(this.#request, undefined, now);
    if (member || service.pool.open > 0) this.#try(now, member);
    else this.#holdInstead(now);
  }

  /** The answer, or a next try, may be there before it returns. */
  #try(now: number, member: PoolMember | undefined): void {
    const service = this.#service;
    if (!member) {
      this.#refuse(now, refusals.noneToAsk(service));
      return;
    }
    const { facts } = this.#request;
    const asked = new AskedMember(member, service.pool, service.balancerOf(member), this.#surroundings, now);
    this.#state = "trying";
    this.#asked = asked;
    this.#forwarding = undefined;
    facts.upstream = member.id;
    facts.release = member.rule.release;
    facts.tries += 1;
    const request = this.#tries.begin();
    this.#waitUntil(this.#tries.deadlineMs(now));
    const { upstream } = member;
    const forwarding = this.#upgradeSink ? upstream.upgrade(request, this) : upstream.forward(request, this);
    if (this.#isAborted) forwarding.abort();
    else if (this.#asked === asked) this.#forwarding = forwarding;
  }

  #tryFailed(now: number, failure: UpstreamFailure): void {
    const { reason } = failure;
    const member = this.#asked?.member;
    const isMembersFault = reason !== "body-failed" && (reason !== "timeout" || this.#isOwnDeadline);
    this.#surroundings.watch.remove(this);
    if (isMembersFault) this.#leaveMember(now, true);
    else this.#abandonMember(now);
    const next = member && this.#tries.nextAfter(member, reason, now);
    if (next) {
      this.#try(now, next);
      return;
    }
    if (isUnsent(reason) && this.#holdsAgain(now)) return;
    this.#refuse(now, failure, isMembersFault ? "failed" : "abandoned");
  }

  /** An instance that is not available just now: another one may be. */
  #asksAnother(now: number): boolean {
    const next = this.#asked && this.#tries.nextAfter(this.#asked.member, "unavailable", now);
    if (!next) return false;
    this.#surroundings.watch.remove(this);
    this.#forwarding?.abort();
    this.#leaveMember(now, true);
    this.#try(now, next);
    return true;
  }

  /** While an instance of ours is being started again, what could not be sent to it waits. */
  #holdsAgain(now: number): boolean {
    const service = this.#service;
    const { wakeMs } = service.pool.rule;
    if (wakeMs === undefined || !this.#tries.isRepeatable) return false;
    const deadline = Math.min(this.#beganMs + wakeMs, this.#request.deadlineMs);
    const ticket = deadline > now ? service.holdAgain(this, now) : undefined;
    if (!ticket) return false;
    this.#giveBack(now);
    this.#state = "held-again";
    this.#ticket = ticket;
    this.#waitUntil(deadline);
    // It is tried as often as it takes: nobody has seen anything of it.
    this.#tries.forget();
    return true;
  }

  /** The instances that there were when it began to wait for something else have gone. */
  #holdInstead(now: number): void {
    this.#giveBack(now);
    this.#state = "held";
    this.#hold(now);
  }

  /** Its place, and its pass. */
  #giveBack(now: number): void {
    this.#leavePlace(now);
    this.#service.circuit.leave(this.#pass, "abandoned", now);
    this.#pass = refused;
  }

  // The ends.

  #answers(now: number, status: number, headers?: HeaderList): void {
    this.#state = "answering";
    this.#status = status;
    this.#request.facts.upstreamMs = now - this.#beganMs;
    this.#surroundings.watch.remove(this);
    this.#asked?.answers(now, headers);
  }

  #answered(now: number): void {
    const isFailure = this.#status >= 500;
    this.#leaveMember(now, isFailure);
    if (isFailure) this.#service.failures += 1;
    // A 500 is of one route; these three say that the service itself cannot be had.
    const isOut = this.#status >= 502 && this.#status <= 504;
    this.#end(now, isOut ? "failed" : "succeeded", isOut ? `it answered ${this.#status}` : undefined);
  }

  #refuse(now: number, failure: UpstreamFailure, how: CircuitOutcome = "abandoned"): void {
    if (failure.reason !== "body-failed") this.#service.failures += 1;
    this.#end(now, how, failure.says);
    this.#sink.fail(failure);
  }

  #leaveMember(now: number, failed: boolean): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.finished(now, failed);
  }

  #abandonMember(now: number): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.abandoned(now);
  }

  #end(now: number, how: CircuitOutcome, why?: string): void {
    if (this.#ticket?.waits) this.#leaveQueue(this.#ticket);
    this.#state = "over";
    this.#surroundings.watch.remove(this);
    this.#service.pending -= 1;
    if (this.#pass !== refused) this.#service.circuit.leave(this.#pass, how, now, why);
    this.#leavePlace(now);
  }

  #leaveQueue(ticket: Ticket<Waiting>): void {
    if (this.#state === "held") this.#service.forgetHeld(ticket);
    else if (this.#state === "held-again") this.#service.forgetAgain(ticket);
    else if (this.#bulkhead?.abandon(ticket)) this.#bulkhead = undefined;
  }

  #leavePlace(now: number): void {
    const bulkhead = this.#bulkhead;
    this.#bulkhead = undefined;
    const next = bulkhead?.leave(now);
    if (next) this.#service.letGo(next, now);
  }
}
