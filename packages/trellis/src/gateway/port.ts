import type { Purge } from "../model/purge.ts";
import type { BalancerName } from "../policies/balancing/balancer.ts";
import type { LeaseAsk, LeaseGrant } from "../policies/rate-limit/token-lease.ts";

/**
 * What the gateway is told by its supervisor, and tells it. All of it is JSON: a gateway outlives the supervisor that
 * started it, so they speak over a socket that a later supervisor can open again.
 */

/** Where requests go. Swapped as a whole: a request that has been claimed by an instance of the old one finishes there. */
export interface RoutingTable {
  /** Grows with each change. An older one than the present is refused. */
  readonly version: number;
  readonly hosts: readonly HostRule[];
  readonly services: readonly ServiceRule[];
  readonly pools: readonly PoolRule[];
}

/** Which service answers at a host. The longest path prefix of the closest host wins. */
export interface HostRule {
  /** `links.localhost`, `*.example.org`, or `*` for any other. Without a port. */
  readonly host: string;
  /** `/api`: whole segments. Without it: `/`. It is not cut off. */
  readonly prefix?: string;
  readonly service: string;
}

export interface ServiceRule {
  readonly name: string;
  /** The instances that host it. Services of the same instances name the same pool. */
  readonly pool: string;
  readonly balance?: BalancerName;
  /** What `consistent-hash` hashes: the path, or a header. */
  readonly hashBy?: "path" | `header:${string}`;
  /** The cookie in which a client's instance is kept. */
  readonly stickyCookie?: string;
  /** For the answer's head, all tries together. 30 s unless said; what the answer then lasts is not bounded. */
  readonly timeoutMs?: number;
  /** Under way at once: 10,000 unless said. Those over it wait, at most `queueMax` of them (1,000 unless said). */
  readonly concurrencyMax?: number;
  readonly queueMax?: number;
  readonly rateLimits?: readonly RateLimitRule[];
  /** Whether answers may be kept at the edge, as their headers say. Not unless said. */
  readonly edge?: boolean;
  /** Set: every request is answered 503 with this text. */
  readonly maintenance?: string;
  /** Set: requests are held, each at most this long. */
  readonly holdMs?: number;
}

export interface RateLimitRule {
  readonly by: "client" | "key";
  readonly perSecond: number;
  readonly burst: number;
}

export interface PoolRule {
  readonly name: string;
  readonly upstreams: readonly UpstreamRule[];
  /** This share (0 to 1) of the requests goes to the instances of this release, the rest to the others. */
  readonly canary?: { readonly release: number; readonly share: number };
  /** Path of active checks; without it only what requests meet counts. */
  readonly healthPath?: string;
  /**
   * How long a request waits for an instance while there is none, or while none takes a connection: a pool at rest is being
   * woken meanwhile, or an instance that has crashed is started again. Without it nobody waits.
   */
  readonly wakeMs?: number;
}

export interface UpstreamRule {
  /** `web-1@3`: of release 3. Names its own across tables: figures and connections of one that stays are kept. */
  readonly id: string;
  readonly release?: number;
  /** The Unix socket of an instance of ours, or the address of somebody's origin. */
  readonly address: FramesAddress | HttpAddress;
  /** 1 unless said. */
  readonly weight?: number;
  /** Asked only while no other can be. */
  readonly backup?: boolean;
  /** It gets no new request, and `drained` is told when nothing is left but what has no end of its own. */
  readonly draining?: boolean;
}

/** The Unix socket of an instance of ours. */
export interface FramesAddress {
  readonly frames: string;
}

export interface HttpAddress {
  /** `https://origin.example:8443`: without a path. */
  readonly url: string;
  /** The `host` that it is asked with: that of its URL, or the client's. `client` unless said. */
  readonly host?: "client" | "origin";
}

/**
 * What a gateway process is to be: one line of JSON on its standard input. Limits and timeouts it reads from the
 * environment, as every process of the app does.
 */
export interface GatewayStart {
  /** `gateway-1`. */
  readonly name: string;
  /** The Unix socket on which it takes orders, made readable by its owner only. At most 107 bytes long. */
  readonly control: string;
  readonly port: number;
  readonly host?: string;
  /** Other gateways of this machine listen on the same ports at the same time. Linux. */
  readonly sharesPorts?: boolean;
  /** The ports of the listening sockets that are its descriptors from 3 on, in this order: it opens none of its own for them. */
  readonly inherited?: readonly number[];
  readonly tls?: GatewayTls;
  /** The app's data folder, where events of the edge cache are written down; without it none are. */
  readonly data?: string;
  /** Of the edge cache; 0: nothing is kept. */
  readonly edgeBytesMax: number;
  /** A file that a line of JSON is added to for each request, or `-`: its standard error. */
  readonly accessLog?: string;
  readonly table: RoutingTable;
  /** What becomes of it when the last of those who gave it orders is gone: it serves on until another comes, or it ends. */
  readonly alone: "serves" | "ends";
}

export interface GatewayTls {
  /** Where HTTPS is answered; the plain port then redirects there. */
  readonly port: number;
  /** PEM files, read again when they change. The first is shown to clients that name no host, or an unknown one. */
  readonly certificates: readonly { readonly cert: string; readonly key: string }[];
  /** Files that answer ACME's HTTP-01: `/.well-known/acme-challenge/NAME` is the file NAME in this folder. */
  readonly acmeFolder?: string;
}

/** The one line that a gateway process writes on standard output: whether it serves. */
export type GatewayStarted =
  | {
      readonly kind: "ready";
      readonly name: string;
      readonly pid: number;
      readonly port: number;
      readonly tlsPort?: number;
    }
  | {
      readonly kind: "failed";
      readonly error: { readonly code: string; readonly says: string; readonly cure: string };
    };

/** To the gateway, a line of JSON each, over its control socket. Answered by `done` of the same id. */
export type GatewayOrder =
  | { readonly kind: "table"; readonly id: number; readonly table: RoutingTable }
  | { readonly kind: "purge"; readonly id: number; readonly purge: Purge }
  /**
   * It starts a gateway from this file of code, which goes on with its listening sockets, so that no connection is
   * refused meanwhile. `done` when that one serves; both accept connections until this one is told to stop.
   */
  | { readonly kind: "succeed"; readonly id: number; readonly start: GatewayStart; readonly entry: string }
  | { readonly kind: "stop"; readonly id: number; readonly drainMs: number }
  /** Answered with what Prometheus is told of it: families of figures. */
  | { readonly kind: "look"; readonly id: number }
  /** Tokens of the limits that gateways share. */
  | {
      readonly kind: "grants";
      readonly id: number;
      /** How many gateways share them now. */
      readonly gateways: number;
      readonly limits: readonly LimitGrants[];
    };

export interface LimitGrants {
  readonly service: string;
  readonly rule: RateLimitRule;
  readonly grants: readonly LeaseGrant[];
}

/** What a gateway needs of a limit that it shares with others, by key. */
export interface LimitAsks {
  readonly service: string;
  readonly rule: RateLimitRule;
  readonly asks: readonly LeaseAsk[];
}

/** From the gateway. */
export type GatewayReport =
  /** The first one on each connection. */
  | { readonly kind: "hello"; readonly name: string; readonly pid: number; readonly version: number }
  | { readonly kind: "done"; readonly id: number; readonly problem?: string; readonly value?: unknown }
  /** Once a second. */
  | { readonly kind: "figures"; readonly figures: GatewayFigures }
  /** Of limits that gateways share; answered by `grants`. */
  | { readonly kind: "asks"; readonly limits: readonly LimitAsks[] }
  /** A request waits for an instance of a pool that has none. */
  | { readonly kind: "wanted"; readonly pool: string }
  /** Everything that an upstream was asked is answered but what has no end of its own, after the table said that it drains. */
  | { readonly kind: "drained"; readonly upstream: string }
  /** It was told to stop, and nothing is left but what has no end of its own: WebSockets, old streams of events. */
  | { readonly kind: "answered" };

/** Sums since the gateway's start, unless said otherwise. */
export interface GatewayFigures {
  readonly name: string;
  readonly version: number;
  readonly connections: number;
  readonly services: readonly ServiceFigures[];
  readonly upstreams: readonly UpstreamFigures[];
  readonly edge: EdgeFigures;
}

export interface ServiceFigures {
  readonly service: string;
  readonly requests: number;
  /** Answers of 500 and more, and those that could not be given. */
  readonly failures: number;
  /** Tries after the first, of requests whose instance failed. */
  readonly retries: number;
  /** Under way now. */
  readonly pending: number;
  /** Waiting for an instance now. */
  readonly held: number;
  readonly hits: number;
}

export interface UpstreamFigures {
  readonly upstream: string;
  readonly release?: number;
  readonly requests: number;
  readonly failures: number;
  readonly pending: number;
  readonly usable: boolean;
  /** Why it is not used, for people. */
  readonly because?: string;
  /** Of the last ten seconds, in milliseconds; absent without requests. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface EdgeFigures {
  readonly entries: number;
  readonly bytes: number;
  readonly bytesMax: number;
  /** By the route's pattern where the contract gives one, else by service. */
  readonly routes: readonly {
    readonly route: string;
    readonly hits: number;
    readonly misses: number;
    readonly stale: number;
    /** Answers of the edge that are events of the service. */
    readonly events: number;
  }[];
  /** Those of them that could not be written down. */
  readonly eventsUnlogged: number;
}
