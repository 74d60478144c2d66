import type { CheckResult } from "../../policies/health/active-check.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, RequestFacts, UpstreamFailure } from "../exchange.ts";
import type { UpstreamRule } from "../port.ts";
import type { Surroundings, Watched } from "./deadline-watch.ts";
import type { PoolMember } from "./pool-member.ts";

/** One active check: asks a member for its health path, and tells once how it went. */
export class Probe implements AnswerSink, Watched {
  readonly #surroundings: Surroundings;
  readonly #onResult: (result: CheckResult, now: number) => void;
  readonly #startMs: number;
  #forwarding: Forwarding | undefined;
  #isOver = false;
  watchedUntil = 0;
  watchedBefore: Watched | undefined;
  watchedAfter: Watched | undefined;
  isWatched = false;

  constructor(surroundings: Surroundings, onResult: (result: CheckResult, now: number) => void) {
    this.#surroundings = surroundings;
    this.#startMs = surroundings.now();
    this.#onResult = onResult;
  }

  begin(member: PoolMember, path: string, timeoutMs: number): void {
    this.watchedUntil = this.#startMs + timeoutMs;
    this.#surroundings.watch.add(this);
    const forwarding = member.upstream.forward(probeRequest(member.rule, path, this.#startMs, timeoutMs), this);
    if (!this.#isOver) this.#forwarding = forwarding;
  }

  interim(): void {}

  head(status: number): void {
    this.#answered(status);
    this.#forwarding?.abort();
  }

  data(): boolean {
    return true;
  }

  end(): void {}

  whole(status: number): void {
    this.#answered(status);
  }

  fail({ says }: UpstreamFailure): void {
    this.#over({ passed: false, because: says });
  }

  timedOut(now: number): void {
    this.#forwarding?.abort();
    this.#over({ passed: false, because: `no answer in ${Math.round(now - this.#startMs)} ms` });
  }

  /** A redirect is an answer of something that is alive: what is behind it was not asked for. */
  #answered(status: number): void {
    this.#over(status < 400 ? { passed: true } : { passed: false, because: `status ${status}` });
  }

  #over(result: CheckResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#surroundings.watch.remove(this);
    this.#onResult(result, this.#surroundings.now());
  }
}

function probeRequest({ id, address }: UpstreamRule, path: string, startMs: number, timeoutMs: number): GatewayRequest {
  const authority = "url" in address ? new URL(address.url).host : "localhost";
  const headers: HeaderList = ["host", authority, "user-agent", "trellis-gateway", "accept", "*/*"];
  const facts: RequestFacts = {
    service: "",
    upstream: id,
    release: undefined,
    tries: 1,
    cache: undefined,
    upstreamMs: undefined,
  };
  return {
    method: "GET",
    target: path,
    authority,
    scheme: "http",
    headers,
    body: undefined,
    clientAddress: "127.0.0.1",
    requestId: "health",
    startMs,
    deadlineMs: startMs + timeoutMs,
    facts,
  };
}
