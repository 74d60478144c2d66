import type { RequestClient } from "./request-client.ts";
import type { EdgeEventHeader, Params, Route } from "./route.ts";

/**
 * The header in which an instance tells the edge cache that whoever is given this answer from memory is an event, and
 * what of the request belongs to it. It goes no further than to the gateway.
 */
export const edgeEventHeader = "trellis-edge-event";

/**
 * The header in which the gateway tells an instance that the edge cache asks for itself: nobody is given this answer.
 * It is taken from the gateway alone, by frames.
 */
export const edgeRefreshHeader = "trellis-edge-refresh";

/** Headers that no event has, whatever a contract names: nobody's address and nobody's key lies on a disk. */
export const neverInEdgeEvents: ReadonlySet<string> = new Set([
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-real-ip",
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-trellis-caller",
]);

/** What becomes an event when the edge answers. */
export interface EdgeEventPlan {
  /** The stream that it ends in: `SERVICE.NAME`. */
  readonly stream: string;
  /** The route's name in its contract. */
  readonly route: string;
  /** Names of the request's headers that are kept, in lower case. */
  readonly headers: readonly string[];
}

/**
 * An answer that the edge gave, as the gateway writes it down before that answer leaves: in JSON, as the body of a record
 * whose key is the route's name. Who asked is in it as far as anything may be written down of that.
 */
export interface EdgeEventRecord {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly status: number;
  /** Those of the plan that the request had. */
  readonly headers: Readonly<Record<string, string>>;
  /** As in `RequestClient`. */
  readonly country: string;
  readonly visitor?: number;
}

/** What a service is told of an answer that the edge has given in its place, so that it makes an event of it. */
export interface EdgeEvent<R extends Route = Route> {
  /** As it was sent: `GET` or `HEAD`. */
  readonly method: string;
  readonly params: Params<R>;
  /** Path and query as they came. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the answer: also 304 and 206, where the edge has said so. */
  readonly status: number;
  /** Those that the contract names and the request had, by their names in lower case. */
  readonly headers: { readonly [Name in EdgeEventHeader<R>]?: string };
  /** As `request.client` is where an instance answers. */
  readonly client: RequestClient;
}

/** Records of the edge for a stream lie in a part of a process's spool folder that is named so. */
export function edgePartOf(stream: string): string {
  return `${stream}${suffix}`;
}

/** The stream that a part of a spool folder has the edge's records for; undefined where it has no such records. */
export function streamOfEdgePart(part: string): string | undefined {
  return part.endsWith(suffix) ? part.slice(0, -suffix.length) : undefined;
}

export function formatEdgeEventPlan({ stream, route, headers }: EdgeEventPlan): string {
  return `${stream} ${route} ${headers.join(",")}`;
}

/** Undefined for what `formatEdgeEventPlan` has not made. */
export function parseEdgeEventPlan(text: string): EdgeEventPlan | undefined {
  const [, stream, route, headers] = form.exec(text) ?? [];
  if (stream === undefined || route === undefined || headers === undefined) return undefined;
  return { stream, route, headers: headers === "" ? [] : headers.split(",") };
}

const suffix = ".edge";
const form = /^(\S+\.\S+) (\S+) (\S*)$/;
