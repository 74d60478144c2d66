import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../model/clock.ts";
import type { Counter, Metrics } from "../../../model/metrics.ts";
import type { Purge } from "../../../model/purge.ts";
import type { Settings } from "../../../model/settings.ts";
import type { Drain } from "./drain.ts";
import { FramesServer } from "./frames-server/frames-server.ts";
import { makeServer, type ServerTimeouts } from "./http-server.ts";
import type { SocketDoor } from "./socket-door.ts";
import type { UpgradeListener } from "./upgrade-listener.ts";

export interface DoorsOptions {
  readonly listener: RequestListener;
  readonly settings: Pick<Settings, "headersBytesMax" | "requestTimeoutMs"> & Partial<Pick<Settings, "connectionsMax">>;
  readonly timeouts?: Partial<ServerTimeouts>;
  readonly clock: Clock;
  readonly drain: Drain;
  /** The connections to the port of this instance alone. */
  readonly ownSockets: WeakSet<Socket>;
  readonly metrics?: Metrics;
  /** Where the app has routes that are WebSockets. */
  readonly sockets: SocketDoor | undefined;
}

/** The ways into an instance: servers for ports, and for the gateways of this machine. All of them drain together. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #refused: Counter | undefined;
  readonly #framesServers: FramesServer[] = [];
  readonly #upgrade: UpgradeListener | undefined;

  constructor(options: DoorsOptions) {
    this.#options = options;
    const { metrics, drain, sockets, listener } = options;
    this.#upgrade = sockets?.upgradeListener(listener);
    metrics?.gauge("trellis_http_websockets", "WebSockets that are open.", () => sockets?.size ?? 0);
    metrics?.gauge("trellis_http_connections", "Connections of callers that are open.", () => drain.connections);
    this.#refused = metrics?.counter(
      "trellis_http_connections_refused_total",
      "Connections that were one too many (TRELLIS_CONNECTIONS).",
    );
  }

  newServer(own: boolean): Server {
    const { listener, settings, timeouts, drain, ownSockets } = this.#options;
    const server = makeServer(listener, settings, { timeouts, upgrade: this.#upgrade });
    drain.watch(server);
    server.on("drop", () => this.#refused?.add());
    if (own) server.on("connection", (socket) => ownSockets.add(socket));
    return server;
  }

  newFramesServer(): FramesServer {
    const { listener, clock, drain } = this.#options;
    const server = new FramesServer(listener, clock, this.#upgrade);
    drain.watchFrames(server);
    this.#framesServers.push(server);
    return server;
  }

  lookAtGateways(): readonly Promise<string | undefined>[] {
    return this.#framesServers.flatMap((server) => server.look());
  }

  purgeEdge(purge: Purge): void {
    for (const server of this.#framesServers) server.purge(purge);
  }
}
