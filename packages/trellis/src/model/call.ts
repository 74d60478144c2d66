import type { Routes } from "./contract.ts";
import type { Result, Unavailable } from "./failure.ts";
import type { FailureOf, Output, Params, Route } from "./route.ts";
import type { Input, Schema } from "./schema.ts";

/** `{ key: value }`, optional where every field of the value is, absent where there is no value. */
type Given<Key extends string, Value> = [Value] extends [undefined]
  ? unknown
  : Record<never, never> extends Value
    ? { readonly [K in Key]?: Value }
    : { readonly [K in Key]: Value };

type CallerParams<R extends Route> = R["options"]["params"] extends Schema ? Input<R["options"]["params"]> : Params<R>;

export type CallInput<R extends Route> = (keyof Params<R> extends never
  ? unknown
  : { readonly params: CallerParams<R> }) &
  Given<"body", Input<R["options"]["body"]>> &
  Given<"query", Input<R["options"]["query"]>>;

/** What may be said with any call. */
export interface CallOptions {
  /** Gives up when aborted; the other side is told. */
  readonly signal?: AbortSignal;
  /** At most this long, in milliseconds; never longer than the request that this call serves. */
  readonly timeoutMs?: number;
  /** A retry with the same key changes nothing and gets the first answer. */
  readonly idempotencyKey?: string;
}

type Arguments<R extends Route> =
  Record<never, never> extends CallInput<R>
    ? [input?: CallInput<R>, options?: CallOptions]
    : [input: CallInput<R>, options?: CallOptions];

/** One route as its caller sees it. */
export interface Call<R extends Route> {
  /** Throws `CallFailed` with the failure, or a `TrellisError` where the request itself was wrong. */
  (...input: Arguments<R>): Promise<Output<R>>;
  /** Returns the declared failures, and `unavailable`, as values. */
  try(...input: Arguments<R>): Promise<Result<Output<R>, FailureOf<R> | Unavailable>>;
}

export type Client<R extends Routes> = { readonly [Name in keyof R]: Call<R[Name]> };
