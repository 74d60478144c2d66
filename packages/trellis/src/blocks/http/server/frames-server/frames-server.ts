import { chmod, unlink } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { connect, createServer, type Server } from "node:net";
import type { Clock } from "../../../../model/clock.ts";
import { TrellisError } from "../../../../model/errors.ts";
import type { Purge } from "../../../../model/purge.ts";
import type { UpgradeListener } from "../upgrade-listener.ts";
import { FramesPeer } from "./frames-peer.ts";

/** Takes requests from the gateway of the same machine, as frames over a Unix socket. */
export class FramesServer {
  readonly #server: Server;
  readonly #peers = new Set<FramesPeer>();
  #closed: Promise<void> | undefined;

  /** `upgrade`: for requests to switch protocols. */
  constructor(listener: RequestListener, clock: Clock, upgrade?: UpgradeListener) {
    this.#server = createServer((socket) => {
      const onClosed = (peer: FramesPeer): boolean => this.#peers.delete(peer);
      const peer = new FramesPeer(socket, { listener, upgrade, clock, onClosed });
      this.#peers.add(peer);
      if (this.#closed !== undefined) peer.dismiss();
    });
  }

  /** Requests under way. */
  get streams(): number {
    let sum = 0;
    for (const { streams } of this.#peers) sum += streams;
    return sum;
  }

  /**
   * Only the user that the instance runs as may connect. A socket on which nobody listens any more is replaced; throws
   * `port-in-use` where somebody does.
   */
  async listen(path: string): Promise<void> {
    try {
      await this.#listen(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (await isListenedOn(path)) throw inUse(path, error);
      await unlink(path);
      await this.#listen(path);
    }
    await chmod(path, 0o600);
  }

  /** Tells every gateway that is connected, behind the answers that were given before. */
  purge(purge: Purge): void {
    const text = JSON.stringify(purge);
    for (const peer of this.#peers) peer.purge(text);
  }

  /** What each gateway that is connected says of itself, as it comes; undefined for those that leave before. */
  look(): readonly Promise<string | undefined>[] {
    return [...this.#peers].map((peer) => peer.look());
  }

  /** Takes no new connections and asks gateways for nothing new. Resolves when they have their last answers. */
  drain(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.#peers) peer.dismiss();
    return this.#closed;
  }

  /** What is under way gets no answer. */
  cut(): void {
    this.#closed ??= new Promise((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.#peers) peer.cut();
  }

  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      // Its own, also where a primary process of node:cluster shares ports.
      this.#server.listen({ path, exclusive: true }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function inUse(path: string, cause: unknown): TrellisError {
  return new TrellisError("port-in-use", {
    says: `Somebody listens on ${path}`,
    cure: "End the program that does, or name another socket.",
    cause,
  });
}
