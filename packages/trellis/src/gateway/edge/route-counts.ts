import { edgeEventHeader } from "../../model/edge-event.ts";
import { edgeRouteHeader } from "../../model/edge-route.ts";
import { firstLine, without } from "../../policies/http-cache/fields.ts";
import type { HeaderList } from "../exchange.ts";
import type { EdgeFigures } from "../port.ts";
import { routesMax } from "./limits.ts";

/** How often a route's answers were in the cache. */
export interface RouteCount {
  readonly route: string;
  hits: number;
  misses: number;
  stale: number;
  /** Answers of the edge that are events. */
  events: number;
}

/** The counts of all routes. The first thousand are told apart, the rest counted as `other`. */
export class RouteCounts {
  readonly #counts = new Map<string, RouteCount>();
  readonly #other: RouteCount = { route: "other", hits: 0, misses: 0, stale: 0, events: 0 };

  of(route: string): RouteCount {
    const known = this.#counts.get(route);
    if (known) return known;
    if (this.#counts.size >= routesMax) return this.#other;
    const count: RouteCount = { route, hits: 0, misses: 0, stale: 0, events: 0 };
    this.#counts.set(route, count);
    return count;
  }

  all(): EdgeFigures["routes"] {
    const all = [...this.#counts.values()].map((count) => ({ ...count }));
    const { hits, misses, stale } = this.#other;
    return hits + misses + stale > 0 ? [...all, { ...this.#other }] : all;
  }
}

/** `links GET /:code`, or only the service where the answer names no route. */
export function routeName(service: string, headers: HeaderList): string {
  const route = firstLine(headers, edgeRouteHeader);
  return route === undefined ? service : `${service} ${route}`;
}

/** The headers that are for others too. */
export function withoutRoute(headers: HeaderList): HeaderList {
  for (let i = 0; i < headers.length; i += 2) if (own.has(headers[i] as string)) return without(headers, own);
  return headers;
}

const own: ReadonlySet<string> = new Set([edgeRouteHeader, edgeEventHeader]);
