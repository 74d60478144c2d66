import type { Infer, Schema } from "./schema.ts";

/** An expected bad outcome: a value that a handler returns and a caller can branch on by `code`. */
export interface Failure<Code extends string = string, Detail = unknown> {
  readonly code: Code;
  readonly detail: Detail;
  readonly failed: true;
}

/** What a kind of failure tells people and machines. */
export interface FailureText<S extends Schema = Schema> {
  /** The HTTP status it travels with. */
  readonly status: number;
  readonly title: string;
  readonly cure: string;
  readonly detail: S;
}

/** Makes failures of one kind: `AliasTaken({ alias })`. Listed in a route's `fails`. */
export interface FailureKind<Code extends string, Detail> {
  (detail: Detail): Failure<Code, Detail>;
  readonly code: Code;
  readonly text: FailureText;
}

/** Any kind, whatever its detail. */
export interface AnyFailureKind {
  (detail: never): Failure;
  readonly code: string;
  readonly text: FailureText;
}

/** What a caller may always meet besides the declared failures: the service did not answer. */
export type Unavailable = Failure<
  "unavailable",
  {
    readonly service: string;
    /** When it may be worth asking again. */
    readonly retryAfterMs: number;
    /** Why, for logs and people: `no answer in 300 ms`. */
    readonly because: string;
  }
>;

export type Result<Value, F> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: F };

/** Declares a kind of failure once, for every route that can meet it. */
export function failure<const Code extends string, S extends Schema>(
  code: Code,
  text: FailureText<S>,
): FailureKind<Code, Infer<S>> {
  const make = (detail: Infer<S>): Failure<Code, Infer<S>> => new FailureValue(code, detail);
  return Object.assign(make, { code, text });
}

class FailureValue<Code extends string, Detail> implements Failure<Code, Detail> {
  readonly code: Code;
  readonly detail: Detail;
  readonly failed = true;

  constructor(code: Code, detail: Detail) {
    this.code = code;
    this.detail = detail;
  }
}

/** Only what a `FailureKind` made is a failure: a value that merely looks like one is a value. */
export function isFailure(value: unknown): value is Failure {
  return value instanceof FailureValue;
}

/** Thrown by `call()` where `call.try()` would have returned `{ ok: false }`. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly failure: Failure;

  constructor(failed: Failure, title: string) {
    super(`${title} (${failed.code})`);
    this.failure = failed;
  }
}
