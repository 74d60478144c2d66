import type { Server } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import { Server as NetServer, type Socket } from "node:net";
import type { Clock } from "../../model/clock.ts";
import { Connection } from "./connection.ts";
import type { FrontDrainOptions } from "./port.ts";

/** A connection that falls idle is found this soon. */
const lookEveryMs = 20;

/** Everything of a front that is open. */
export class FrontSockets {
  readonly #servers = new Set<Server>();
  readonly #connections = new Set<Connection>();
  readonly #sessions = new Map<Connection, ServerHttp2Session>();

  get size(): number {
    return this.#connections.size;
  }

  /** In the order in which they were added. */
  get listeners(): readonly NetServer[] {
    return [...this.#servers];
  }

  addServer(server: Server): void {
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
  }

  addSocket(socket: Socket, scheme: "http" | "https"): Connection {
    return new Connection(socket, scheme, this.#connections);
  }

  addSession(connection: Connection, session: ServerHttp2Session): void {
    this.#sessions.set(connection, session);
    session.once("close", () => this.#sessions.delete(connection));
  }

  /** No new connections; idle ones stay open for a while, so that a request that is on its way is not met by their end. */
  async drain(clock: Clock, { windowMs, hardMs, onAnswered }: FrontDrainOptions): Promise<number> {
    const endMs = clock.now() + hardMs;
    // HTTP's own `close` would close idle connections at once.
    for (const server of this.#servers) NetServer.prototype.close.call(server);
    // The notice of RFC 9113, section 6.8: no new streams, please; those on their way are still taken.
    for (const session of this.#sessions.values()) if (!session.destroyed) session.goaway(0, 2 ** 31 - 1);
    await pass(clock, Math.min(windowMs, hardMs));
    for (const session of this.#sessions.values()) if (!session.closed) session.close();
    let isAnswered = false;
    while (this.#connections.size > 0 && clock.now() < endMs) {
      this.#closeIdle();
      // What has gone on for as long as a drain may take is taken to have no end.
      if (!isAnswered && this.#onlyLasting(clock.now() - hardMs)) {
        isAnswered = true;
        onAnswered?.();
      }
      if (this.#connections.size > 0) await pass(clock, lookEveryMs);
    }
    const cut = this.#connections.size;
    this.cut();
    return cut;
  }

  /** Ends everything now. */
  cut(): void {
    for (const server of this.#servers) server.close();
    for (const session of this.#sessions.values()) session.destroy();
    for (const { socket } of this.#connections) socket.destroy();
  }

  #onlyLasting(sinceMs: number): boolean {
    // A session that ends waits for nothing but its streams: those that are no requests have switched.
    for (const connection of this.#connections)
      if (!connection.lastsSince(sinceMs) && (connection.busy || !this.#sessions.has(connection))) return false;
    return true;
  }

  #closeIdle(): void {
    for (const connection of this.#connections)
      if (connection.idle && !this.#sessions.has(connection)) connection.socket.destroySoon();
  }
}

function pass(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
