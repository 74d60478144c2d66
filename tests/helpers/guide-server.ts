import { type ChildProcess, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { ShellOutput } from "./shell-session.ts";

/** How a server says where it answers: the last thing that `trellis start` prints of itself. */
const address = /\bhttp:\/\/localhost:\d+/;
const startWithinMs = 120_000;
const stopWithinMs = 40_000;

/** A command of a guide that goes on running in a terminal of its own. */
export class GuideServer {
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;
  #output = "";
  #error = "";

  constructor(script: string, folder: string, environment: NodeJS.ProcessEnv) {
    // Detached: a process group of its own, so that nothing of it is left where it does not end by itself.
    this.#process = spawn("bash", ["-eu", "-c", `exec ${script}`], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#ended = new Promise((resolve, reject) =>
      this.#process.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`)).once("error", reject),
    );
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#error += text;
    });
  }

  /** What it has printed so far, to standard output and to standard error. */
  get output(): ShellOutput {
    return { out: stripVTControlCharacters(this.#output), error: this.#error };
  }

  /** Resolves with the address at which it serves. */
  async serving(): Promise<string> {
    const printed = new Promise<string>((resolve) => {
      const look = (): void => {
        const [found] = address.exec(this.output.out) ?? [];
        if (found) resolve(found);
      };
      this.#process.stdout?.on("data", look);
    });
    const outcome = await Promise.race([printed, this.#ended, deadline(startWithinMs)]);
    if (outcome.startsWith("http:")) return outcome;
    await this.stop();
    throw new Error(`it did not serve: ${outcome}\n${this.#output}${this.#error}`);
  }

  async stop(): Promise<void> {
    // The whole group, as Ctrl-C in a terminal does: npm itself passes SIGTERM on to nobody.
    this.#signal("SIGTERM");
    const outcome = await Promise.race([this.#ended, deadline(stopWithinMs)]);
    if (outcome !== tooLate) return;
    this.#signal("SIGKILL");
    throw new Error(`it did not end within ${stopWithinMs} ms of SIGTERM\n${this.#output}${this.#error}`);
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

const tooLate = "too late";

function deadline(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, tooLate).unref());
}
