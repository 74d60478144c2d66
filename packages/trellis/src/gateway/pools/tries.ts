import { Readable } from "node:stream";
import { mayRetry, type TryFailure, triesMax } from "../../policies/may-retry.ts";
import type { GatewayRequest, UpstreamFailure } from "../exchange.ts";
import { headerValue } from "./header-value.ts";
import type { PoolMember } from "./pool-member.ts";
import { RepeatableBody } from "./repeatable-body.ts";
import type { Service } from "./service.ts";
import { TryRequest } from "./try-request.ts";

/** Why a try is over: as the upstream told it, or because it answered 503. */
export type TryEnd = UpstreamFailure["reason"] | "unavailable";

const tryFailures: ReadonlySet<string> = new Set<TryFailure>([
  "connect",
  "unsent",
  "reset",
  "timeout",
  "invalid-answer",
  "unavailable",
]);

/** The tries of one request: what is sent with each, how long it may take, and whether and where another one goes. */
export class Tries {
  readonly #service: Service;
  readonly #request: GatewayRequest;
  readonly #body: RepeatableBody | undefined;
  #count = 0;
  /** The ids of those who failed. */
  #failed: string[] | undefined;

  constructor(service: Service, request: GatewayRequest) {
    this.#service = service;
    this.#request = request;
    const { body } = request;
    this.#body = body instanceof Readable ? new RepeatableBody(body, isHarmlessTwice(request)) : undefined;
  }

  /** Whether another try could be given all of the request. */
  get isRepeatable(): boolean {
    return this.#body === undefined || this.#body.isRepeatable;
  }

  /** What the next try sends. */
  begin(): GatewayRequest {
    this.#count += 1;
    return this.#body ? new TryRequest(this.#request, this.#body.forTry()) : this.#request;
  }

  /** Half of the time that is left where another instance could still be asked, so that one that hangs is survived. */
  deadlineMs(now: number): number {
    const { deadlineMs } = this.#request;
    const mayAnother = this.#count < triesMax && this.#service.pool.open > 1 && isHarmlessTwice(this.#request);
    return mayAnother ? now + (deadlineMs - now) / 2 : deadlineMs;
  }

  /** Where the request goes after a try of this member that ended so; undefined: nowhere. Takes its place in the budget. */
  nextAfter(member: PoolMember, end: TryEnd, now: number): PoolMember | undefined {
    if (now >= this.#request.deadlineMs || !this.#mayFollow(end)) return undefined;
    this.#failed ??= [];
    this.#failed.push(member.id);
    const next = this.#service.choose(this.#request, this.#failed, now) ?? this.#sameAgain(end, now);
    if (!next || !this.#service.budget.withdraw(now)) return undefined;
    this.#service.retries += 1;
    return next;
  }

  /** As if nothing had been tried: nobody has seen anything of the request. */
  forget(): void {
    this.#count = 0;
    this.#failed = undefined;
  }

  /** Where there is no other: its connection may have been at fault, not it. */
  #sameAgain(end: TryEnd, now: number): PoolMember | undefined {
    if (end === "timeout" || end === "unavailable") return undefined;
    return this.#service.choose(this.#request, undefined, now);
  }

  #mayFollow(end: TryEnd): boolean {
    if (!isTryFailure(end)) return false;
    return mayRetry({
      method: this.#request.method,
      sent: !isUnsent(end),
      repeatable: this.isRepeatable,
      answered: false,
      hasIdempotencyKey: hasIdempotencyKey(this.#request),
      tries: this.#count,
      failure: end,
    });
  }
}

/** Whether nothing of the request can have reached anybody. */
export function isUnsent(end: TryEnd): boolean {
  return end === "connect" || end === "unsent";
}

/** Whether doing it twice is the same as once. */
function isHarmlessTwice(request: GatewayRequest): boolean {
  const { method } = request;
  if (method === "GET" || method === "HEAD") return true;
  const once = method === "POST" || method === "PATCH" || method === "CONNECT";
  return !once || hasIdempotencyKey(request);
}

function hasIdempotencyKey({ headers }: GatewayRequest): boolean {
  return headerValue(headers, "idempotency-key") !== undefined;
}

function isTryFailure(end: string): end is TryFailure {
  return tryFailures.has(end);
}
