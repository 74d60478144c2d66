import type { EdgeFigures } from "../port.ts";
import { routesMax } from "./limits.ts";

/** How often a route's answers were in the cache. */
export interface RouteCount {
  readonly route: string;
  hits: number;
  misses: number;
  stale: number;
}

/** The counts of all routes. The first thousand are told apart, the rest counted as `other`. */
export class RouteCounts {
  readonly #counts = new Map<string, RouteCount>();
  readonly #other: RouteCount = { route: "other", hits: 0, misses: 0, stale: 0 };

  of(route: string): RouteCount {
    const known = this.#counts.get(route);
    if (known) return known;
    if (this.#counts.size >= routesMax) return this.#other;
    const count: RouteCount = { route, hits: 0, misses: 0, stale: 0 };
    this.#counts.set(route, count);
    return count;
  }

  all(): EdgeFigures["routes"] {
    const all = [...this.#counts.values()].map((count) => ({ ...count }));
    const { hits, misses, stale } = this.#other;
    return hits + misses + stale > 0 ? [...all, { ...this.#other }] : all;
  }
}
