import type { IncomingMessage, RequestListener } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocketServer } from "ws";
import type { Clock, Timer } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { brokenOff } from "../conversation-end.ts";
import { problemAnswer } from "../endpoint/problem.ts";
import { header, type WireSocket } from "../port.ts";
import { pingEveryMs } from "./limits.ts";
import { ServerResponse } from "./node-http.ts";
import type { Recipient, SocketOpener } from "./sender.ts";
import type { ServedSocket } from "./served-socket.ts";
import type { UpgradeListener } from "./upgrade-listener.ts";

/** A request to switch to WebSockets, and the connection that it came by. */
interface Upgrade {
  readonly socket: Duplex;
  /** What came behind it already. */
  readonly head: Buffer;
  readonly response: InstanceType<typeof ServerResponse>;
}

/** Where requests become WebSockets: an endpoint answers them like any other, and decides by its answer. */
export class SocketDoor implements SocketOpener {
  readonly #clock: Clock;
  readonly #upgrades = new WeakMap<IncomingMessage, Upgrade>();
  readonly #open = new Set<ServedSocket>();
  #library: Promise<readonly [typeof import("ws"), typeof import("./served-socket.ts")]> | undefined;
  /** By the bytes that a message may have. */
  readonly #servers = new Map<number, WebSocketServer>();
  #nextCheck: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** WebSockets that are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Hands requests to switch protocols to `listener` like all others. */
  upgradeListener(listener: RequestListener): UpgradeListener {
    return (request, socket, head) => {
      const response = new ServerResponse(request);
      // The connection ends with an answer that is not the switch, which so needs no chunks.
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
      socket.on("error", () => socket.destroy());
      response.assignSocket(socket as Socket);
      response.once("finish", () => socket.end());
      this.#upgrades.set(request, { socket, head, response });
      listener(request, response);
    };
  }

  open(to: Recipient, wire: WireSocket): boolean {
    const upgrade = this.#upgrades.get(to.request.raw);
    if (!upgrade) return false;
    to.reply.hijack();
    this.#switch(to, upgrade, wire).catch(() => upgrade.socket.destroy());
    return true;
  }

  close(): void {
    this.#nextCheck?.cancel();
  }

  async #switch(to: Recipient, { socket, head, response }: Upgrade, wire: WireSocket): Promise<void> {
    // Loaded with the first: most apps have none.
    this.#library ??= Promise.all([import("ws"), import("./served-socket.ts")]);
    const [{ WebSocketServer }, { ServedSocket }] = await this.#library;
    const { request, messageBytesMax: maxPayload = 0 } = to;
    const server =
      this.#servers.get(maxPayload) ?? new WebSocketServer({ noServer: true, clientTracking: false, maxPayload });
    this.#servers.set(maxPayload, server);
    const addHeaders = (lines: string[]): void => void lines.push(`${header.requestId}: ${request.id}`);
    const refuse = ({ message }: Error): void => {
      wire.end(brokenOff);
      const problem = new TrellisError("malformed-request", { says: message });
      const { status, headers, body } = problemAnswer(problem, request.id);
      response.writeHead(status, { ...headers, "sec-websocket-version": "13" }).end(body);
    };
    // All of it happens before `handleUpgrade` returns.
    server.once("headers", addHeaders).once("wsClientError", refuse);
    server.handleUpgrade(request.raw, socket, head, (webSocket) => {
      const sent = (bytes: number): void => to.sent?.(bytes);
      const onClosed = (closed: ServedSocket): boolean => this.#open.delete(closed);
      this.#open.add(new ServedSocket({ webSocket, wire, sent, onClosed }));
      this.#nextCheck ??= this.#clock.after(pingEveryMs, this.#check);
    });
    server.off("headers", addHeaders).off("wsClientError", refuse);
  }

  readonly #check = (): void => {
    this.#nextCheck = this.#open.size > 0 ? this.#clock.after(pingEveryMs, this.#check) : undefined;
    for (const socket of this.#open) socket.check();
  };
}
