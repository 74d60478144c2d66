import type { Socket } from "node:net";
import { plainAddress } from "../../policies/http/trusted-proxies.ts";
import type { ClientExchange } from "./client-exchange.ts";
import type { Peer } from "./incoming.ts";

/** What is known of a client's connection as long as it is open. */
export class Connection implements Peer {
  readonly socket: Socket;
  readonly address: string;
  readonly scheme: "http" | "https";
  /** Those under way, in the order in which they came. */
  readonly exchanges: ClientExchange[] = [];
  /** What comes on it can no longer be read. */
  broken = false;
  /** An answer has said that it is the last: what was sent behind its request is not looked at. */
  ending = false;
  /** It carries another protocol by now. */
  switched = false;

  constructor(socket: Socket, scheme: "http" | "https") {
    this.socket = socket;
    this.scheme = scheme;
    this.address = plainAddress(socket.remoteAddress ?? "");
  }

  enter(exchange: ClientExchange): void {
    this.exchanges.push(exchange);
  }

  leave(exchange: ClientExchange): void {
    // Nearly always it is the only one.
    const index = this.exchanges.indexOf(exchange);
    if (index === 0) this.exchanges.shift();
    else if (index > 0) this.exchanges.splice(index, 1);
  }

  /** Whether nothing is asked on it: also where it never was. */
  isIdle(): boolean {
    return this.exchanges.length === 0 && !this.switched && this.socket.writableLength === 0;
  }

  /** The client has left. */
  closed(): void {
    for (const exchange of [...this.exchanges]) exchange.gone();
  }
}

/** A socket whose connection is known. */
export interface FrontSocket extends Socket {
  front: Connection;
}
