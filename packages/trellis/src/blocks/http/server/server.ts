import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import type { Mode } from "../../../model/block.ts";
import type { Clock, Random, Stopwatch } from "../../../model/clock.ts";
import type { Departures } from "../../../model/departures.ts";
import type { Log } from "../../../model/log.ts";
import type { Metrics } from "../../../model/metrics.ts";
import type { Purge } from "../../../model/purge.ts";
import { isConversation, type Route } from "../../../model/route.ts";
import type { Service } from "../../../model/service.ts";
import type { Settings } from "../../../model/settings.ts";
import { noTracing, type Tracing } from "../../../model/tracing.ts";
import type { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { RequestIds } from "../../../policies/http/request-ids.ts";
import { TrustedProxies } from "../../../policies/http/trusted-proxies.ts";
import { Endpoint, type EndpointFacts } from "../endpoint/endpoint.ts";
import { Flights } from "../endpoint/flights.ts";
import { type Authenticate, identification } from "../endpoint/identification.ts";
import { dispatcher } from "../endpoint/local-exchange.ts";
import { HttpFigures } from "../endpoint/route-figures.ts";
import type { Idempotency, Transport } from "../port.ts";
import { Doors } from "./doors.ts";
import { Drain, type DrainOptions } from "./drain.ts";
import { makeFastify } from "./fastify-app.ts";
import type { FramesServer } from "./frames-server/frames-server.ts";
import { Health } from "./health.ts";
import type { ServerTimeouts } from "./http-server.ts";
import type { OwnAnswer } from "./own-answer.ts";
import type { Page } from "./page.ts";
import { Sender } from "./sender.ts";
import { SocketDoor } from "./socket-door.ts";

export interface HttpOptions {
  readonly services: readonly HostedService[];
  /** They answer calls of this process and no requests: only health, pages and the platform's own answers do. */
  readonly callsOnly?: boolean;
  readonly settings: Pick<
    Settings,
    "bodyBytesMax" | "headersBytesMax" | "requestTimeoutMs" | "drainTimeoutMs" | "logRequests"
  > &
    Partial<Pick<Settings, "origin" | "connectionsMax" | "trustedProxies">>;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Verifies `x-trellis-caller`. Empty: no such header is believed. */
  readonly secret: string;
  /** Who sends a request with these headers. A plain value is faster than a promise. Without it nobody is signed in. */
  readonly authenticate?: Authenticate;
  /** Without it, idempotency keys have no effect. */
  readonly idempotency?: Idempotency;
  /** What is told of clients. Without it nothing is known of any. */
  readonly clients?: ClientFacts;
  /** Holds answers until what must be written down before they leave is written. Without it nothing is. */
  readonly departures?: Departures;
  /** Answers outside of any service, such as `/openapi.json`. */
  readonly pages?: readonly Page[];
  /** The platform's own answers that depend on who asks. */
  readonly answers?: readonly OwnAnswer[];
  readonly tracing?: Tracing;
  /** Both or nothing is measured. */
  readonly metrics?: Metrics;
  readonly stopwatch?: Stopwatch;
  /** The parts that cannot do their work, by name; none when all is well. */
  readonly health?: () => Promise<readonly string[]>;
  readonly timeouts?: Partial<ServerTimeouts>;
}

export interface HostedService {
  readonly service: Service;
  /** What its handlers are given, by the names in `uses`. */
  readonly handles: Readonly<Record<string, unknown>>;
}

/** The hosted services, answering over HTTP and in process. */
export interface Http {
  /** What servers feed. The first requests wait until everything is compiled. */
  readonly listener: RequestListener;
  /** Another server with the same answers, not yet listening: one for each port. `own`: the port of this instance alone. */
  newServer(how?: { readonly own?: boolean }): Server;
  /** Another way in with the same answers, for the gateway of this machine; not yet listening. */
  newFramesServer(): FramesServer;
  /** Has the gateways that are connected take this out of their edge caches. */
  purgeEdge(purge: Purge): void;
  /** What each of these gateways says of itself, as JSON. */
  lookAtGateways(): readonly Promise<string | undefined>[];
  /** Answers calls of this process. */
  readonly dispatch: Transport;
  stats(): HttpStats;
  /** Unready, then nothing new, then what is in flight finished. Returns how many requests were cut off. */
  drain(options?: Partial<DrainOptions>): Promise<number>;
  /** Lets go of everything. Connections that are still open are cut. */
  close(): Promise<void>;
}

/**
 * `begun`: requests for routes so far; 0 where nothing is measured. `lasting`: those in flight whose answer has begun and
 * goes on for as long as somebody listens.
 */
export type HttpStats = Readonly<Record<"answers" | "failures" | "inFlight" | "lasting" | "begun", number>>;

/** Compiles every route of the services. Throws `invalid-app` where a schema cannot travel as JSON. */
export function openHttp(options: HttpOptions): Http {
  const { clock, random, log, settings, services } = options;
  const flights = new Flights(clock);
  const ids = new RequestIds(random);
  const figures = figuresOf(options);
  const sockets = services.some(hasSockets) ? new SocketDoor(clock) : undefined;
  const sender = new Sender({ clock, log, others: figures?.of("trellis", "other", "http"), sockets });
  const drain = new Drain({ clock, flights, sender, hardMs: settings.drainTimeoutMs });
  const endpoints = compileEndpoints(services, {
    ...options,
    identify: identification(options),
    flights,
    idempotency: options.idempotency,
    figures,
    tracing: options.tracing ?? noTracing,
    origin: settings.origin ?? "",
    requestTimeoutMs: settings.requestTimeoutMs,
    bodyBytesMax: settings.bodyBytesMax,
  });
  const health = new Health(clock, () => drain.begun, options.health);
  const proxies = new TrustedProxies(settings.trustedProxies ?? "none");
  const ownSockets = new WeakSet<Socket>();
  const { pages = [], answers = [] } = options;
  const routed = options.callsOnly ? [] : endpoints;
  const parts = { sender, proxies, ids, log, settings, health, pages, answers, ownSockets };
  const app = makeFastify({ endpoints: routed, ...parts });
  const doors = new Doors({ ...options, listener: app.listener, drain, ownSockets, sockets });
  return {
    listener: app.listener,
    newServer: ({ own = false } = {}) => doors.newServer(own),
    newFramesServer: () => doors.newFramesServer(),
    lookAtGateways: () => doors.lookAtGateways(),
    purgeEdge: (purge) => doors.purgeEdge(purge),
    dispatch: dispatcher(endpoints, ids),
    stats: () => ({
      answers: sender.answers,
      failures: sender.failures,
      inFlight: flights.size,
      lasting: flights.lasting,
      begun: figures?.begun ?? 0,
    }),
    drain: (how) => drain.run(how),
    close: async () => {
      flights.cut();
      drain.cutConnections();
      sockets?.close();
      await app.close();
      flights.close();
    },
  };
}

function figuresOf({ metrics, stopwatch }: HttpOptions): HttpFigures | undefined {
  return metrics?.on && stopwatch ? new HttpFigures(metrics, stopwatch) : undefined;
}

function hasSockets({ service }: HostedService): boolean {
  return Object.values<Route>(service.contract.routes).some(isConversation);
}

function compileEndpoints(services: readonly HostedService[], facts: EndpointFacts): readonly Endpoint[] {
  return services.flatMap(({ service, handles }) =>
    Object.entries(service.contract.routes).map(([name, route]) => new Endpoint(service, name, route, handles, facts)),
  );
}
