import type { FieldProblem, TrellisError } from "./errors.ts";

/** Problems name so many fields at most: a list of a million mistakes helps no one. */
const fieldsMax = 100;

/** An error or a declared failure on the wire: `application/problem+json` (RFC 9457). */
export interface Problem {
  /** Where the kind of problem is described. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The platform's `ErrorCode`, or the code of a failure that the route declares. */
  readonly code: string;
  /** What happened just here, for people. */
  readonly detail?: string;
  readonly cure: string;
  readonly fields?: readonly FieldProblem[];
  /** The detail of a declared failure, as its schema takes it in. */
  readonly data?: unknown;
  readonly requestId?: string;
}

/** An error of the platform, as the wire has it. */
export function problemOf(error: TrellisError, requestId: string): Problem {
  return {
    type: `/problems/${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.message,
    cure: error.cure,
    ...(error.fields.length > 0 ? { fields: error.fields.slice(0, fieldsMax) } : {}),
    requestId,
  };
}

/** `retry-after` in whole seconds, never too early. */
export function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.ceil(retryAfterMs / 1_000));
}
