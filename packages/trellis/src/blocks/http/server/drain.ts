import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../../model/clock.ts";
import type { Flights } from "../endpoint/flights.ts";
import type { FramesServer } from "./frames-server/frames-server.ts";
import type { Sender } from "./sender.ts";

export interface DrainOptions {
  /**
   * How long requests are still taken while readiness says no, so that balancers notice. Answers of that time already
   * ask clients to close, so that few connections are idle, or just about to be used, when they are closed.
   */
  readonly lameDuckMs: number;
  /** The longest that it may take in all. */
  readonly hardMs: number;
}

interface Parts {
  readonly clock: Clock;
  readonly flights: Flights;
  readonly sender: Sender;
  readonly hardMs: number;
}

/** A connection that falls idle is found this soon. */
const lookEveryMs = 20;

/** Ends an instance's HTTP without losing a request that was taken on. */
export class Drain {
  readonly #parts: Parts;
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  readonly #framesServers = new Set<FramesServer>();
  #begun: Promise<number> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get begun(): boolean {
    return this.#begun !== undefined;
  }

  /** Those that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  watch(server: Server): void {
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  watchFrames(server: FramesServer): void {
    this.#framesServers.add(server);
  }

  /** The first call decides how; later ones wait for the same end. */
  run({ lameDuckMs = 0, hardMs = this.#parts.hardMs }: Partial<DrainOptions> = {}): Promise<number> {
    this.#begun ??= this.#drain({ lameDuckMs, hardMs });
    return this.#begun;
  }

  cutConnections(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    // The servers no longer know of those that switched to another protocol.
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#framesServers) server.cut();
  }

  async #drain({ lameDuckMs, hardMs }: DrainOptions): Promise<number> {
    const { clock, flights, sender } = this.#parts;
    const endMs = clock.now() + hardMs;
    sender.closing = true;
    if (lameDuckMs > 0) await this.#pass(Math.min(lameDuckMs, hardMs));
    const closed = Promise.all([
      ...[...this.#servers].map(closeServer),
      ...[...this.#framesServers].map((server) => server.drain()),
    ]);
    let finished = false;
    const finish = Promise.all([closed, flights.none()]).then(() => {
      finished = true;
    });
    while (!finished && clock.now() < endMs) {
      // Streams of events and conversations would last for ever, also those that only begin now: their clients connect
      // again, elsewhere.
      flights.cut(({ streaming }) => streaming);
      this.#closeIdleConnections();
      await Promise.race([finish, this.#pass(lookEveryMs)]);
    }
    return finished ? 0 : this.#cutOff();
  }

  #closeIdleConnections(): void {
    for (const server of this.#servers) server.closeIdleConnections();
    // Browsers open connections that they may never use. To Node those are busy: it waits for their first request.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Requests that wait for a handler are counted one by one, others (half received, half sent) by their connection. */
  async #cutOff(): Promise<number> {
    const connections = await Promise.all([...this.#servers].map(countConnections));
    for (const { streams } of this.#framesServers) connections.push(streams);
    const cut = this.#parts.flights.cut();
    this.cutConnections();
    return Math.max(
      cut,
      connections.reduce((sum, count) => sum + count, 0),
    );
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.after(ms, resolve));
  }
}

function closeServer(server: Server): Promise<void> {
  // One that never listened has nothing to close, and says so with an error.
  return new Promise((resolve) => server.close(() => resolve()));
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
