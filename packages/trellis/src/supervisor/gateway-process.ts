import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import type { Server } from "node:net";
import { createInterface } from "node:readline";
import type { GatewayStart, GatewayStarted } from "../gateway/port.ts";
import { type ErrorCode, errorCatalogue, TrellisError } from "../model/errors.ts";

export interface GatewayProcess {
  readonly pid: number;
  /** Resolves when it serves; rejects with what kept it from it. */
  readonly ready: Promise<Extract<GatewayStarted, { readonly kind: "ready" }>>;
  /** Resolves when it has ended, with how: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface GatewayProcessOptions {
  /** The command's own file of code, of the version that the gateway is to be. */
  readonly entry: string;
  readonly start: GatewayStart;
  /** The file descriptor that its log is written to: 2 is this process's own. */
  readonly logTo: number;
  /** Listening sockets of this process that the gateway goes on with. */
  readonly listeners?: readonly Server[];
}

/** The word that makes the command's own file a gateway process. */
const gatewayWord = "gateway-process";

/**
 * Of the 16 MB that each half of the young generation may have, a gateway needs few: what it makes for a request is dead
 * by the next turn. With 10,000 idle connections it is 30 MB smaller so (`npm run bench gateway-idle`), and no slower.
 */
const youngSpace = "--max-semi-space-size=8";

/** What runs a gateway; it is told the rest by its first line of input. */
export function gatewayCommand(entry: string): readonly [string, ...string[]] {
  return [process.execPath, youngSpace, entry, gatewayWord];
}

/** Starts a gateway in a session of its own, so that Ctrl-C and this process's end are not its own. */
export function startGatewayProcess({ entry, start, logTo, listeners = [] }: GatewayProcessOptions): GatewayProcess {
  const stdio: StdioOptions = ["pipe", "pipe", logTo, ...listeners.map(descriptorOf)];
  const [node, ...words] = gatewayCommand(entry);
  const child = spawn(node, words, { detached: true, stdio });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(`${JSON.stringify({ ...start, inherited: listeners.map(portOf) })}\n`);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (cause) => resolve(`it could not be started: ${cause.message}`));
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  return { pid: child.pid ?? 0, ready: readiness(child, ended), ended, kill: (signal) => void child.kill(signal) };
}

/** Node tells the descriptor of a listening socket nowhere in its own documentation, but has done so since its first years. */
function descriptorOf(server: Server): number {
  const fd = (server as Server & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd !== undefined && fd >= 0) return fd;
  throw new TrellisError("gateway-refused", {
    says: "What listens here cannot be handed on",
    cure: "Start a gateway that shares the port instead.",
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

function readiness(child: ChildProcess, ended: Promise<string>): GatewayProcess["ready"] {
  const ready = new Promise<Extract<GatewayStarted, { readonly kind: "ready" }>>((resolve, reject) => {
    if (child.stdout)
      createInterface({ input: child.stdout }).once("line", (line) => {
        const started = JSON.parse(line) as GatewayStarted;
        if (started.kind === "ready") resolve(started);
        else reject(revived(started.error));
      });
    void ended.then((says) => reject(new TrellisError("start-failed", { says: `The gateway ended: ${says}` })));
  });
  // Whoever does not wait for it hears of its end.
  ready.catch(() => undefined);
  return ready;
}

function revived({ code, says, cure }: Extract<GatewayStarted, { readonly kind: "failed" }>["error"]): TrellisError {
  return new TrellisError(code in errorCatalogue ? (code as ErrorCode) : "internal", { says, cure });
}
