import type { Mode } from "../../../model/block.ts";
import { type ErrorCode, TrellisError } from "../../../model/errors.ts";
import { CallFailed } from "../../../model/failure.ts";
import { type Problem, problemOf, retryAfterSeconds } from "../../../model/problem.ts";
import type { WireAnswer } from "../port.ts";
import { AnswerMisfit } from "./answer-misfit.ts";

/** Decided before a handler runs. Thrown by one, they are about another request: the one it made. */
const decidedAtTheDoor: ReadonlySet<ErrorCode> = new Set([
  "malformed-json",
  "malformed-request",
  "invalid-input",
  "unauthenticated",
  "unknown-route",
  "wrong-method",
  "wrong-media-type",
]);

/** What the caller may hear of something a handler threw: the platform's own errors as they are, nothing of the rest. */
export function thrownByHandler(error: unknown): unknown {
  if (error instanceof TrellisError && decidedAtTheDoor.has(error.code))
    return new TrellisError("internal", { cause: error });
  return error;
}

/** The error that the caller is told. Everything unexpected is `internal`, and its cause stays here. */
export function toldError(error: unknown, mode: Mode): TrellisError {
  // It names servers, files and users of ours.
  if (error instanceof TrellisError && error.code === "database-unreachable")
    return new TrellisError("database-unreachable", { cure: "Try again shortly.", cause: error });
  if (error instanceof TrellisError && error.status !== 500) return error;
  if (error instanceof CallFailed && error.failure.code === "unavailable")
    return new TrellisError("unavailable", { says: "Something that this needs is not available", cause: error });
  const fields = error instanceof AnswerMisfit && mode !== "production" ? error.fields : [];
  return new TrellisError("internal", { cause: error, fields });
}

export function problemAnswer(error: TrellisError, requestId: string): WireAnswer {
  return answerWith(problemOf(error, requestId), headersOf(error));
}

function headersOf({ status, retryAfterMs }: TrellisError): Readonly<Record<string, string>> {
  if (status === 401 || retryAfterMs === undefined) return wantedCredentials(status);
  return { "retry-after": retryAfterSeconds(retryAfterMs) };
}

/** RFC 9110, section 15.5.2: whoever refuses for want of credentials says which kind is wanted. */
export function wantedCredentials(status: number): Readonly<Record<string, string>> {
  return status === 401 ? { "www-authenticate": "Bearer" } : {};
}

export function answerWith(problem: Problem, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  return {
    status: problem.status,
    headers: { "content-type": "application/problem+json; charset=utf-8", "cache-control": "no-store", ...headers },
    body: JSON.stringify(problem),
  };
}
