import type { Socket } from "node:net";
import { plainAddress } from "../../policies/http/trusted-proxies.ts";
import type { ClientExchange } from "./client-exchange.ts";
import type { Peer } from "./incoming.ts";

/** What is known of a client's connection as long as it is open. Thousands are idle, so each is small. */
export class Connection implements Peer {
  readonly socket: Socket;
  readonly address: string;
  readonly scheme: "http" | "https";
  /** What comes on it can no longer be read. */
  broken = false;
  /** An answer has said that it is the last: what was sent behind its request is not looked at. */
  ending = false;
  /** It carries another protocol by now. */
  switched = false;
  /** How many requests have come on it. */
  count = 0;
  /** Where it is listed while it is open. */
  readonly #open: Set<Connection>;
  /** Nearly always there is one request under way, or none. */
  #only: ClientExchange | undefined = undefined;
  /** Those that came while there was one, in their order. */
  #others: ClientExchange[] | undefined = undefined;

  /** Takes the socket for its own until it is closed. */
  constructor(socket: Socket, scheme: "http" | "https", open: Set<Connection>) {
    this.socket = socket;
    this.scheme = scheme;
    this.address = plainAddress(socket.remoteAddress ?? "");
    this.#open = open;
    open.add(this);
    (socket as FrontSocket).front = this;
    socket.on("close", onClose);
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#only !== undefined || this.#others !== undefined;
  }

  /** The request that came last, of those under way. */
  get last(): ClientExchange | undefined {
    return this.#others?.at(-1) ?? this.#only;
  }

  /** Whether nothing is asked on it: also where it never was. */
  get idle(): boolean {
    return !this.busy && !this.switched && this.socket.writableLength === 0;
  }

  /** Whether nothing on it has an end of its own: another protocol, or streams of events that have begun before. */
  lastsSince(ms: number): boolean {
    if (this.switched) return true;
    const only = this.#only?.streamsSinceMs ?? ms;
    return this.busy && only <= ms && (this.#others ?? []).every(({ streamsSinceMs }) => streamsSinceMs <= ms);
  }

  enter(exchange: ClientExchange): void {
    this.count += 1;
    if (!this.busy) this.#only = exchange;
    else if (this.#others) this.#others.push(exchange);
    else this.#others = [exchange];
  }

  leave(exchange: ClientExchange): void {
    if (this.#only === exchange) {
      this.#only = undefined;
      return;
    }
    const others = this.#others?.filter((other) => other !== exchange);
    this.#others = others?.length === 0 ? undefined : others;
  }

  /** The client has left. */
  closed(): void {
    this.#open.delete(this);
    const others = this.#others ?? [];
    this.#only?.gone();
    for (const exchange of others) exchange.gone();
  }
}

/** A socket whose connection is known. */
export interface FrontSocket extends Socket {
  front: Connection;
}

function onClose(this: Socket): void {
  (this as FrontSocket).front.closed();
}
