import { mayRetry, type TryFailure } from "../../policies/may-retry.ts";
import type { GatewayRequest, UpstreamFailure } from "../exchange.ts";
import { headerValue } from "./header-value.ts";
import type { RepeatableBody } from "./repeatable-body.ts";

const tryFailures: ReadonlySet<string> = new Set<TryFailure>([
  "connect",
  "unsent",
  "reset",
  "timeout",
  "invalid-answer",
  "unavailable",
]);

function isTryFailure(reason: string): reason is TryFailure {
  return tryFailures.has(reason);
}

/** Whether nothing of the request can have reached anybody. */
export function isUnsent(reason: UpstreamFailure["reason"] | "unavailable"): boolean {
  return reason === "connect" || reason === "unsent";
}

/** Whether doing it twice is the same as once. */
export function isHarmlessTwice({ method, headers }: GatewayRequest): boolean {
  if (method === "GET" || method === "HEAD") return true;
  const once = method === "POST" || method === "PATCH" || method === "CONNECT";
  return !once || hasIdempotencyKey(headers);
}

/** Whether a try that failed for this reason may be followed by another one (policies/may-retry.ts). */
export function mayTryAgain(
  { method, headers }: GatewayRequest,
  body: RepeatableBody | undefined,
  tries: number,
  reason: UpstreamFailure["reason"] | "unavailable",
): boolean {
  if (!isTryFailure(reason)) return false;
  return mayRetry({
    method,
    sent: !isUnsent(reason),
    repeatable: body === undefined || body.isRepeatable,
    answered: false,
    hasIdempotencyKey: hasIdempotencyKey(headers),
    tries,
    failure: reason,
  });
}

function hasIdempotencyKey(headers: GatewayRequest["headers"]): boolean {
  return headerValue(headers, "idempotency-key") !== undefined;
}
