import type { Conversation, OpenSocket } from "./conversation.ts";
import type { Infer, Input, Schema } from "./schema.ts";

/** How a value leaves as HTTP where it is more than `200` with JSON. */
export interface Reply<Value = unknown, Handled = Value> {
  readonly kind: "created" | "redirect" | "events" | "socket" | "file" | "nothing" | "cookie";
  readonly status: number;
  readonly schema?: Schema;
  /** What a socket takes. */
  readonly receives?: Schema;
  /** The `location` of what was created. */
  readonly at?: (value: never) => string;
  /** The content types that a file may have. */
  readonly types?: readonly string[];
  /** Never there: carries the type of what callers get. */
  readonly value?: Value;
  /** Never there: carries the type of what handlers return. */
  readonly handled?: Handled;
}

/** Where a redirect leads. `private` (the default) keeps browsers and shared caches from answering for us. */
export interface Redirect {
  readonly to: string;
  readonly status?: 301 | 302 | 307 | 308;
}

/** `201` with the new thing. `at` gives its address, sent as `location`. */
export function created<S extends Schema>(
  schema: S,
  options: { readonly at?: (value: Infer<S>) => string } = {},
): Reply<Infer<S>> {
  return { kind: "created", status: 201, schema, ...options };
}

/** A redirect, `302` unless the handler says otherwise; never for browser clients (fetch hides `location`). */
export function redirect(): Reply<Redirect> {
  return { kind: "redirect", status: 302 };
}

/** A live stream of events (SSE): the handler returns an async iterable. */
export function events<S extends Schema>(schema: S): Reply<AsyncIterable<Infer<S>>> {
  return { kind: "events", status: 200, schema };
}

/** Messages both ways (a WebSocket), until one side ends it: the handler returns a `Conversation`. */
export function socket<R extends Schema, S extends Schema>(messages: {
  /** What the service takes. */
  readonly receives: R;
  /** What it sends. */
  readonly sends: S;
}): Reply<OpenSocket<Input<R>, Infer<S>>, Conversation<Infer<R>, Infer<S>>> {
  return { kind: "socket", status: 101, schema: messages.sends, receives: messages.receives };
}

/** What a route of `file` answers. */
export interface FileContent<Type extends string = string> {
  readonly type: Type;
  readonly bytes: Uint8Array;
}

/** Bytes that are no JSON, such as an image, in one of the content types. Held in memory: for small ones. */
export function file<const Type extends string>(...types: readonly Type[]): Reply<FileContent<Type>> {
  return { kind: "file", status: 200, types };
}

/** `204`: it is done, and there is nothing to say. */
export function nothing(): Reply<void> {
  return { kind: "nothing", status: 204 };
}

/** What a route of `cookie` answers. Those who call it see nothing of it: their browser keeps it. */
export interface SetCookie {
  /** As in `set-cookie` (RFC 6265, section 4.1.1). */
  readonly cookie: string;
}

/** `204` that sets a cookie. Never kept for an `Idempotency-Key`: cookies hold secrets. */
export function cookie(): Reply<SetCookie> {
  return { kind: "cookie", status: 204 };
}

export function isReply(returns: Schema | Reply): returns is Reply {
  return !("~standard" in returns);
}
