import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { isAlive } from "../../packages/trellis/src/supervisor/process-identity.ts";
import { readState } from "../../packages/trellis/src/supervisor/state.ts";

const root = join(import.meta.dirname, "../..");
const command = join(root, "packages/trellis/bin/trellis.mjs");

/** A line of `--json`. */
export interface TrellisEvent {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** The line that says that the app serves. */
export interface Ready extends TrellisEvent {
  readonly url: string;
  readonly instances: readonly { readonly role: string; readonly url: string; readonly pid: number }[];
  readonly ownerKey?: string;
}

export interface TrellisOptions {
  /** Where the command is given: an app's folder. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Outcome {
  /** The exit code; undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON lines; empty where it is none. */
  readonly events: readonly TrellisEvent[];
}

/** Runs a command to its end. */
export function runTrellis(words: readonly string[], options: TrellisOptions): Promise<Outcome> {
  return new TrellisProcess(words, options).ended;
}

/** `trellis start --json` in a folder, on any free port. Ended with the test, by force if need be. */
export function startTrellis(options: TrellisOptions, ...words: readonly string[]): TrellisProcess {
  return new TrellisProcess(
    ["start", "--json", ...(words.includes("--port") ? [] : ["--port", "0"]), ...words],
    options,
  );
}

/** A `trellis` command that runs, with everything that it starts. */
export class TrellisProcess {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  readonly events: TrellisEvent[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #data: string;
  #stdout = "";
  #stderr = "";
  #outcome: Outcome | undefined;

  constructor(words: readonly string[], { folder, environment = {} }: TrellisOptions) {
    this.#child = spawn(process.execPath, [command, ...words], {
      cwd: folder,
      env: { ...plainEnvironment(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.pid = this.#child.pid ?? 0;
    const at = words.indexOf("--data") + 1;
    this.#data = at > 0 ? (words[at] ?? "") : (environment.TRELLIS_DATA ?? join(folder, ".trellis"));
    this.#read();
    this.ended = once(this.#child, "close").then(([code]) => this.#end(code ?? undefined));
    onTestFinished(() => this.killTree());
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  get ready(): Promise<Ready> {
    return this.event<Ready>(({ event }) => event === "ready");
  }

  /** The first event, from the `after`th on, that fits; rejects when the command ends before there is one. */
  async event<E extends TrellisEvent>(fits: (event: TrellisEvent) => boolean, after = 0): Promise<E> {
    for (;;) {
      const found = this.events.slice(after).find(fits);
      if (found) return found as E;
      if (this.#outcome) throw new Error(`It ended before that: ${JSON.stringify(this.#outcome, undefined, 2)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Asks it to end in good order. */
  stop(): Promise<Outcome> {
    this.signal("SIGTERM");
    return this.ended;
  }

  /** `kill -9` of the command and of every process that it has started. Resolves when the command is gone. */
  async killTree(): Promise<void> {
    if (!this.#outcome) for (const pid of [this.pid, ...this.descendants()]) kill(pid);
    await this.ended;
    // What an earlier one had left running, which it went on with, or which it has left itself.
    for (const pid of leftRunning(this.#data)) kill(pid);
  }

  /** Every process that it has started, and those that these have started. */
  descendants(): readonly number[] {
    const children = new Map<number, number[]>();
    for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n")) {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    }
    const below = (pid: number): readonly number[] =>
      (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
    return below(this.pid);
  }

  #read(): void {
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new TypeError("Its output is piped");
    createInterface({ input: stdout }).on("line", (line) => {
      this.#stdout += `${line}\n`;
      const event = parsed(line);
      if (event) this.events.push(event);
      this.#wake();
    });
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
  }

  #end(code: number | undefined): Outcome {
    this.#outcome = { code, stdout: this.#stdout, stderr: this.#stderr, events: this.events };
    this.#wake();
    return this.#outcome;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** `kill -9` of one process, which may be gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether the process lives: one that has ended but was not yet waited for does not. */
export function lives(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

/** The processes that an app's data folder tells of, and that still are what it says. */
export function leftRunning(data: string): readonly number[] {
  const state = readState(textOf(join(data, "state.json")));
  const processes = [...(state?.instances ?? []), ...(state?.gateways ?? [])].filter(isAlive).map(({ pid }) => pid);
  const postgres = Number(textOf(join(data, "postgres", "postmaster.pid")).split("\n")[0]);
  return postgres > 0 ? [...processes, postgres] : processes;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** This process's environment without what would change what an app does. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(?:TRELLIS_.*|DATABASE_URL|PORT|NODE_ENV|VITEST.*|NODE_OPTIONS)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function parsed(line: string): TrellisEvent | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
