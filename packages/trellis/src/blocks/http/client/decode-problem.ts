import { type ErrorCode, errorCatalogue, type FieldProblem, TrellisError } from "../../../model/errors.ts";
import type { AnyFailureKind, Failure } from "../../../model/failure.ts";
import type { Problem } from "../../../model/problem.ts";
import type { Route } from "../../../model/route.ts";
import type { WireAnswer } from "../port.ts";
import { unavailable } from "./unavailable.ts";

/** Which route answered, for decoding and for errors. */
export interface Asked {
  readonly service: string;
  readonly name: string;
  readonly route: Route;
}

/** Where an answer does not say when to try again, or there was none. */
export const retryAfterMsDefault = 1_000;

/** A declared failure, or `unavailable`. Throws everything else as a `TrellisError`. */
export async function decodeProblem(asked: Asked, answer: WireAnswer, nowMs: number): Promise<Failure> {
  const problem = readProblem(answer.body);
  const kind = declaredKind(asked, problem);
  if (kind && problem) {
    const detail = await kind.text.detail["~standard"].validate(problem.data);
    if (detail.issues) throw unexpected(asked, `failed with "${kind.code}" and a detail that does not fit it`);
    return kind(detail.value as never);
  }
  const retryAfterMs = readRetryAfter(answer.headers["retry-after"], nowMs);
  if (isUnavailableStatus(answer.status))
    return unavailable({
      service: asked.service,
      retryAfterMs: retryAfterMs ?? retryAfterMsDefault,
      because: `it answered ${answer.status}${problem ? ` (${problem.code})` : ""}`,
    });
  if (problem === undefined || !isErrorCode(problem.code))
    throw unexpected(asked, `answered ${answer.status}${problem ? ` with "${problem.code}"` : ""}`);
  throw new TrellisError(problem.code, {
    ...(problem.detail ? { says: problem.detail } : {}),
    ...(problem.cure ? { cure: problem.cure } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    fields: readFields(problem.fields),
  });
}

/** Whether an answer says that the service cannot answer now. A failure that the route declares is an answer. */
export function saysUnavailable(asked: Asked, { status, body }: WireAnswer): boolean {
  return isUnavailableStatus(status) && !declaredKind(asked, readProblem(body));
}

/** The JSON value in a text, or undefined where it is none. */
export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export function unexpected({ service, name }: Asked, what: string): TrellisError {
  return new TrellisError("unexpected-answer", { says: `${service}.${name} ${what}` });
}

function isUnavailableStatus(status: number): boolean {
  return status >= 502 && status <= 504;
}

function declaredKind({ route }: Asked, problem: ProblemRead | undefined): AnyFailureKind | undefined {
  return problem && route.options.fails?.find(({ code }) => code === problem.code);
}

/** Whoever stands in between may have answered, so nothing but the code is taken for granted. */
type ProblemRead = Partial<Problem> & { readonly code: string };

function readProblem(body: WireAnswer["body"]): ProblemRead | undefined {
  const problem = typeof body === "string" ? Object(parsedJson(body)?.value) : {};
  return typeof problem.code === "string" ? problem : undefined;
}

/** `retry-after` in milliseconds: seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (seconds >= 0) return seconds * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

function readFields(fields: unknown): readonly FieldProblem[] {
  return Array.isArray(fields) ? fields.filter(isFieldProblem) : [];
}

function isFieldProblem(value: unknown): value is FieldProblem {
  const { field, problem } = Object(value) as Partial<FieldProblem>;
  return typeof field === "string" && typeof problem === "string";
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
