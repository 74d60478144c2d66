import { connect, type Socket } from "node:net";
import type {
  GatewayFigures,
  GatewayOrder,
  GatewayReport,
  GatewayStart,
  LimitAsks,
  RoutingTable,
} from "../gateway/port.ts";
import type { Clock } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import { Lines } from "../model/lines.ts";
import type { Purge } from "../model/purge.ts";
import type { Family } from "../telemetry/family.ts";
import type { LeaseDesk } from "./lease-desk.ts";

export interface GatewayLinkOptions {
  /** The control socket of the gateway process. */
  readonly socket: string;
  readonly clock: Clock;
  readonly listener: GatewayListener;
  /** Where the tokens are kept of the limits that gateways share; without it each keeps to them by itself. */
  readonly leases?: LeaseDesk;
}

export interface GatewayListener {
  /** The gateway is reached, for the first time or again: give it the present table. */
  connected?(gateway: { readonly name: string; readonly pid: number; readonly version: number }): void;
  /** It is not reached any more; it is tried again until `close`. Orders under way have failed. */
  lost?(): void;
  figures?(figures: GatewayFigures): void;
  /** A request waits for an instance of this pool, which has none. */
  wanted?(pool: string): void;
  /** Everything that this upstream was asked is answered but what has no end of its own. */
  drained?(upstream: string): void;
  /** It was told to stop, and nothing is left but what has no end of its own. */
  answered?(): void;
}

/** How soon a gateway that is not reached is tried again. */
const retryMs = 100;
/** A line of figures is some hundred bytes for each service and upstream. */
const lineCharactersMax = 16_777_216;

type Unnumbered<Order> = Order extends unknown ? Omit<Order, "id"> : never;

/** The supervisor's end of a gateway's control socket. Connects by itself, also before the gateway listens. */
export class GatewayLink {
  readonly #options: GatewayLinkOptions;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: TrellisError): void }>();
  #socket: Socket | undefined;
  #lastId = 0;
  #reached = false;
  #closed = false;
  #figures: GatewayFigures | undefined;

  constructor(options: GatewayLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  /** The latest that were told; undefined before the first, and while the gateway is not reached. */
  get figures(): GatewayFigures | undefined {
    return this.#figures;
  }

  /** Resolves when requests go where the table says. Throws `gateway-refused` with what is wrong with it. */
  async apply(table: RoutingTable): Promise<void> {
    await this.#order({ kind: "table", table });
  }

  /** What Prometheus is told of it. */
  async look(): Promise<readonly Family[]> {
    return (await this.#order({ kind: "look" })) as readonly Family[];
  }

  async purge(purge: Purge): Promise<void> {
    await this.#order({ kind: "purge", purge });
  }

  /** Has the gateway start its successor; resolves when that one serves, and this one accepts no more. */
  async succeed(start: GatewayStart, entry: string): Promise<void> {
    await this.#order({ kind: "succeed", start, entry });
  }

  /** Resolves when the gateway has begun to drain: it ends when it has answered everything, or after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    await this.#order({ kind: "stop", drainMs });
  }

  /** Leaves the gateway as it is. Orders under way fail. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#failAll();
  }

  #order(order: Unnumbered<GatewayOrder>): Promise<unknown> {
    const socket = this.#socket;
    if (!socket || !this.#reached) return Promise.reject(unreachable(this.#options.socket));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ ...order, id })}\n`);
    });
  }

  #connect(): void {
    const lines = new Lines(lineCharactersMax);
    const socket = connect(this.#options.socket);
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (piece: string) => {
      try {
        for (const line of lines.push(piece)) this.#receive(JSON.parse(line) as GatewayReport);
      } catch {
        // Not what a gateway says: it is asked again on a new connection.
        socket.destroy();
      }
    });
    // "close" follows, and says the same.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#gone());
  }

  #gone(): void {
    this.#socket = undefined;
    this.#figures = undefined;
    this.#failAll();
    const wasReached = this.#reached;
    this.#reached = false;
    if (wasReached) this.#options.leases?.left();
    if (this.#closed) return;
    if (wasReached) this.#options.listener.lost?.();
    this.#options.clock.after(retryMs, () => this.#closed || this.#connect());
  }

  #failAll(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(unreachable(this.#options.socket));
  }

  #receive(report: GatewayReport): void {
    const { listener } = this.#options;
    switch (report.kind) {
      case "hello":
        this.#reached = true;
        this.#options.leases?.joined();
        listener.connected?.(report);
        break;
      case "done":
        this.#settle(report);
        break;
      case "figures":
        this.#figures = report.figures;
        listener.figures?.(report.figures);
        break;
      case "asks":
        this.#grant(report.limits);
        break;
      case "wanted":
        listener.wanted?.(report.pool);
        break;
      case "drained":
        listener.drained?.(report.upstream);
        break;
      case "answered":
        listener.answered?.();
        break;
    }
  }

  #grant(limits: readonly LimitAsks[]): void {
    const { leases } = this.#options;
    // Lost with the connection: then the next ones are asked for.
    if (leases)
      this.#order({ kind: "grants", gateways: leases.gateways, limits: leases.answer(limits) }).catch(() => undefined);
  }

  #settle({ id, problem, value }: Extract<GatewayReport, { readonly kind: "done" }>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem === undefined) waiting?.resolve(value);
    else waiting?.reject(new TrellisError("gateway-refused", { says: problem }));
  }
}

function unreachable(socket: string): TrellisError {
  return new TrellisError("unavailable", { says: `The gateway at ${socket} is not reached` });
}
