import type { Hop } from "../exchange.ts";
import type { RoutingTable, ServiceFigures, ServiceRule, UpstreamFigures } from "../port.ts";

/** From a claimed host to the instance that answers: what of the gateway follows the routing table. */
export interface Routing {
  /**
   * The first hop behind the front: finds the service of a request's host, notes it in `facts.service` and passes the
   * request on to `next`. It answers itself where there is no such host (`unknown-host`) and during `maintenance`.
   */
  claiming(next: Hop): Hop;
  /** The last hop: passes a claimed request to an instance of its service. */
  readonly services: Hop;
  /** What the present table says of a service; undefined where it names none such. */
  service(name: string): ServiceRule | undefined;
  /**
   * From now on. A TrellisError `invalid-routing` where the table contradicts itself or is older than the present one: then
   * nothing of it is taken over. Requests that an instance has been given stay there, also if it is draining from now on.
   */
  apply(table: RoutingTable): void;
  figures(): RoutingFigures;
  /** Ends the checks, and connections to upstreams as soon as they are idle. Whoever is held is told so. */
  close(): void;
}

export interface RoutingFigures {
  readonly version: number;
  /** What the edge answers is in `requests`, too; its share is told by the edge. */
  readonly services: readonly Omit<ServiceFigures, "hits">[];
  readonly upstreams: readonly UpstreamFigures[];
}

/** What the supervisor learns from it. */
export type RoutingReport =
  | { readonly kind: "wanted"; readonly pool: string }
  | { readonly kind: "drained"; readonly upstream: string };
