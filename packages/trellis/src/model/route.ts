import { type Actor, type Permission, signedIn } from "./actor.ts";
import type { Duration } from "./duration.ts";
import type { AnyFailureKind } from "./failure.ts";
import { isReply, type Reply } from "./reply.ts";
import type { Infer, Schema } from "./schema.ts";
import type { Size } from "./size.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type ParamNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** The parameters that a path literal names: `"/:code"` gives `{ code: string }`. */
export type PathParams<Path extends string> = { readonly [Name in ParamNames<Path>]: string };

/** How long the edge may answer for this route, and what its answers are about. */
export interface EdgeHints<Path extends string> {
  readonly edge?: {
    readonly maxAge: Duration;
    readonly staleFor?: Duration;
    readonly tags?: (params: PathParams<Path>) => readonly string[];
    /**
     * Each answer that the edge gives is an event, with these headers of its request: the service says in `edgeEvents`
     * which of its own.
     */
    readonly event?: { readonly headers?: readonly string[] };
  };
}

export interface RouteOptions {
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly returns: Schema | Reply;
  readonly fails?: readonly AnyFailureKind[];
  /** Who may use it: `signedIn` unless said otherwise. */
  readonly allow?: Permission<Actor> | Permission<Actor | undefined>;
  /** One sentence for the reference (OpenAPI `summary`). */
  readonly summary?: string;
  /** The largest body that this route takes, where the app's limit does not fit. */
  readonly bodyMax?: Size;
  /** The longest that it may take, where the app's limit does not fit. */
  readonly timeout?: Duration;
}

export interface Route<Path extends string = string, Options extends RouteOptions = RouteOptions> {
  readonly method: Method;
  readonly path: Path;
  readonly options: Options;
}

type Verb = <const Path extends `/${string}`, const Options extends RouteOptions>(
  path: Path,
  options: Options & EdgeHints<Path>,
) => Route<Path, Options>;

const verb =
  (method: Method): Verb =>
  (path, options) => ({ method, path, options });

export const get: Verb = verb("GET");
export const post: Verb = verb("POST");
export const put: Verb = verb("PUT");
export const patch: Verb = verb("PATCH");
export const del: Verb = verb("DELETE");

/** Who may use the route. */
export function permissionOf({ options }: Route): Permission<Actor | undefined> {
  return (options.allow ?? signedIn) as Permission<Actor | undefined>;
}

/** Whether it answers a WebSocket. */
export function isConversation({ options: { returns } }: Route): boolean {
  return isReply(returns) && returns.kind === "socket";
}

/** Whether an `Idempotency-Key` has an effect: what changes nothing needs none, and cookies hold secrets. */
export function keepsAnswers({ method, options: { returns } }: Route): boolean {
  return method !== "GET" && !(isReply(returns) && returns.kind === "cookie");
}

type OptionsOf<R extends Route> = R["options"];

export type Params<R extends Route> = OptionsOf<R>["params"] extends Schema
  ? Infer<OptionsOf<R>["params"]>
  : PathParams<R["path"]>;

/** Whether answers of the edge are events, which the service has to make of them. */
export type HasEdgeEvent<R extends Route> =
  OptionsOf<R> extends { readonly edge: { readonly event: object } } ? true : false;

/** The headers that belong to an event of the edge, in lower case. */
export type EdgeEventHeader<R extends Route> =
  OptionsOf<R> extends {
    readonly edge: { readonly event: { readonly headers: readonly (infer Name extends string)[] } };
  }
    ? Lowercase<Name>
    : never;

/** The names of the headers that belong to each event of the edge, in lower case; undefined where it makes none. */
export function edgeEventHeaders({ options }: Route): readonly string[] | undefined {
  const { event } = (options as EdgeHints<string>).edge ?? {};
  return event && (event.headers ?? []).map((name) => name.toLowerCase());
}

/** The actor that handlers of the route see: perhaps nobody where `anyone` is allowed. */
export type ActorOf<R extends Route> = OptionsOf<R>["allow"] extends Permission<infer A> ? A : Actor;

/** What callers get. */
export type Output<R extends Route> =
  OptionsOf<R>["returns"] extends Reply<infer Value, infer _> ? Value : Infer<OptionsOf<R>["returns"]>;

/** What handlers return: what callers get, but where both take part in something. */
export type Handled<R extends Route> =
  OptionsOf<R>["returns"] extends Reply<infer _, infer Value> ? Value : Infer<OptionsOf<R>["returns"]>;

/** The failures that the route declares. */
export type FailureOf<R extends Route> = OptionsOf<R>["fails"] extends readonly (infer Kind)[]
  ? Kind extends (detail: never) => infer F
    ? F
    : never
  : never;
