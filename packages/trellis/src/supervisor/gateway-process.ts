import { type ChildProcess, spawn } from "node:child_process";
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
  /** The file of code that a gateway runs, with the words after it that make it one. */
  readonly entry: string;
  readonly start: GatewayStart;
  /** The file descriptor that its log is written to: 2 is this process's own. */
  readonly logTo: number;
}

/** The words that make the command's own file a gateway process. */
const gatewayWords = ["gateway", "process"] as const;

/** Starts a gateway in a session of its own, so that Ctrl-C and this process's end are not its own. */
export function startGatewayProcess({ entry, start, logTo }: GatewayProcessOptions): GatewayProcess {
  const child = spawn(process.execPath, [entry, ...gatewayWords], {
    detached: true,
    stdio: ["pipe", "pipe", logTo],
  });
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(`${JSON.stringify(start)}\n`);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (cause) => resolve(`it could not be started: ${cause.message}`));
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  return { pid: child.pid ?? 0, ready: readiness(child, ended), ended, kill: (signal) => void child.kill(signal) };
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
