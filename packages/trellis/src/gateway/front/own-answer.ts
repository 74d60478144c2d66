import { type ErrorCode, TrellisError } from "../../model/errors.ts";
import { problemOf, retryAfterSeconds } from "../../model/problem.ts";
import type { UpstreamFailure } from "../exchange.ts";
import { ownPage, ownPagePolicy } from "./own-page.ts";

/** Where nobody knows better: soon, but not at once. */
const retryAfterMsDefault = 1_000;

const codes: Readonly<Record<UpstreamFailure["reason"], ErrorCode>> = {
  connect: "no-answer",
  unsent: "no-answer",
  reset: "no-answer",
  timeout: "deadline-exceeded",
  "invalid-answer": "no-answer",
  "too-large": "no-answer",
  "no-instance": "unavailable",
  overloaded: "unavailable",
  "circuit-open": "unavailable",
  "body-failed": "malformed-request",
  "unknown-host": "unknown-host",
  maintenance: "maintenance",
  "rate-limited": "rate-limited",
};

export interface OwnAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
}

/** What a client is told of a failure behind the gateway: nothing of what stands there. */
export function errorOfFailure({ reason, says, retryAfterMs }: UpstreamFailure): TrellisError {
  const code = codes[reason];
  const error = new TrellisError(code, reason === "maintenance" ? { says } : {});
  const waits = error.status === 503 || error.status === 429;
  if (!waits) return error;
  return new TrellisError(code, {
    retryAfterMs: retryAfterMs ?? retryAfterMsDefault,
    ...(reason === "maintenance" ? { says } : {}),
  });
}

/** An answer of the gateway's own: a problem (RFC 9457), or a page for who asks for one. */
export function ownAnswer(error: TrellisError, accept: string | undefined, requestId: string): OwnAnswer {
  const headers = ["cache-control", "no-store", "vary", "accept"];
  if (error.retryAfterMs !== undefined) headers.push("retry-after", retryAfterSeconds(error.retryAfterMs));
  if (accept?.includes("text/html") === true) {
    const text = error.code === "maintenance" ? error.message : undefined;
    const body = ownPage(error, requestId, text);
    headers.push("content-type", "text/html; charset=utf-8", "content-security-policy", ownPagePolicy);
    headers.push("x-content-type-options", "nosniff");
    return { status: error.status, headers, body };
  }
  headers.push("content-type", "application/problem+json; charset=utf-8");
  return { status: error.status, headers, body: JSON.stringify(problemOf(error, requestId)) };
}
