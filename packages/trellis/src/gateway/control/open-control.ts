import { chmodSync, lstatSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock, Timer } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import { Lines } from "../../model/lines.ts";
import type { Log } from "../../model/log.ts";
import type { GatewayFigures, GatewayOrder, GatewayReport } from "../port.ts";
import { expectedMs, figuresEveryMs, lineCharactersMax, pathBytesMax } from "./limits.ts";

export interface ControlOptions {
  /** The Unix socket. One that a dead process has left is replaced. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told first on each connection. */
  readonly hello: () => Extract<GatewayReport, { readonly kind: "hello" }>;
  readonly figures: () => GatewayFigures;
  /** Does what an order says and resolves with its answer, if it has one, or throws why it cannot be done. */
  readonly obey: (order: GatewayOrder) => unknown;
  /** The last of those who gave orders is gone; also called when for `expectedMs` nobody has come at all. */
  readonly onAlone: () => void;
}

/** The gateway's end of its control socket: whoever may open it gives orders and hears reports. */
export interface Control {
  /** To everyone who is connected. */
  report(report: GatewayReport): void;
  close(): void;
}

/** Resolves when the socket takes connections. Throws `gateway-refused` for a path that cannot be had. */
export async function openControl(options: ControlOptions): Promise<Control> {
  if (Buffer.byteLength(options.path) > pathBytesMax)
    throw new TrellisError("gateway-refused", {
      says: `The control socket's path is longer than ${pathBytesMax} bytes: ${options.path}`,
      cure: "Give a shorter one.",
    });
  if (await answers(options.path))
    throw new TrellisError("gateway-refused", {
      says: `Another gateway takes its orders at ${options.path}`,
      cure: "Give each gateway a control socket of its own.",
    });
  const server = createServer();
  const control = new OpenControl(options, server);
  await listen(server, options.path);
  return control;
}

class OpenControl implements Control {
  readonly #options: ControlOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #beat: Timer;
  #closed = false;

  constructor(options: ControlOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    server.on("connection", (socket: Socket) => this.#accept(socket));
    this.#beat = options.clock.after(figuresEveryMs, () => this.#tellFigures());
    options.clock.after(expectedMs, () => this.#lookAround());
  }

  report(report: GatewayReport): void {
    const line = `${JSON.stringify(report)}\n`;
    for (const socket of this.#sockets) socket.write(line);
  }

  close(): void {
    this.#closed = true;
    this.#beat.cancel();
    // This removes the file, too.
    this.#server.close();
    for (const socket of this.#sockets) socket.end();
  }

  #accept(socket: Socket): void {
    const lines = new Lines(lineCharactersMax);
    this.#sockets.add(socket);
    socket.setEncoding("utf8");
    socket.write(`${JSON.stringify(this.#options.hello())}\n`);
    socket.on("data", (piece: string) => {
      try {
        for (const line of lines.push(piece)) this.#receive(socket, line);
      } catch (error) {
        this.#options.log.warn("an order cannot be read", { error });
        socket.destroy();
      }
    });
    // "close" follows.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#lookAround();
    });
  }

  #receive(socket: Socket, line: string): void {
    const order = JSON.parse(line) as GatewayOrder | null;
    if (typeof order !== "object" || order === null || typeof order.id !== "number")
      throw new TypeError("An order is an object with an id");
    const done = (outcome: { readonly problem?: string; readonly value?: unknown }) => {
      const report: GatewayReport = { kind: "done", id: order.id, ...outcome };
      if (!socket.destroyed) socket.write(`${JSON.stringify(report)}\n`);
    };
    // Within this turn, so that a table is in force before the next line is read.
    const obeyed = attempt(() => this.#options.obey(order));
    obeyed.then(
      (value) => done(value === undefined ? {} : { value }),
      (error: unknown) => done({ problem: error instanceof Error ? error.message : String(error) }),
    );
  }

  #tellFigures(): void {
    if (this.#closed) return;
    if (this.#sockets.size > 0) this.report({ kind: "figures", figures: this.#options.figures() });
    this.#beat = this.#options.clock.after(figuresEveryMs, () => this.#tellFigures());
  }

  #lookAround(): void {
    if (!this.#closed && this.#sockets.size === 0) this.#options.onAlone();
  }
}

async function attempt(run: () => unknown): Promise<unknown> {
  return await run();
}

/** Whether somebody listens there. A socket that nobody listens on is removed. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" && lstatSync(path).isSocket()) rmSync(path, { force: true });
      resolve(false);
    });
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new TrellisError("gateway-refused", {
          says: `The control socket ${path} cannot be opened: ${cause.message}`,
          cure: "Name a place that this user may write to.",
          cause,
        }),
      ),
    );
    // A moment passes before its mode is set: the process's own mask keeps others out meanwhile.
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
}
