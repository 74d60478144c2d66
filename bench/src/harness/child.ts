import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const startWithinMs = 60_000;
const endWithinMs = 20_000;

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. */
  readonly input?: string;
}

/** A process that a bench started, which says what it has to say in lines of JSON. */
export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  readonly #command: string;
  #errors = "";

  constructor(command: readonly [string, ...string[]], options: ChildOptions = {}) {
    const [program, ...args] = command;
    this.#command = command.join(" ");
    this.#process = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", ...options.env },
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    if (this.#process.pid === undefined || !this.#process.stdin || !this.#process.stdout || !this.#process.stderr)
      throw new Error(`${program} does not start: is it installed?`);
    this.pid = this.#process.pid;
    this.#process.stdin.end(options.input ?? "");
    this.#ended = once(this.#process, "exit");
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4_000);
    });
    startedChildren.add(this);
  }

  /** The first line of JSON that has `key`. Throws when the process ends, or a minute passes, without one. */
  async line(key: string): Promise<Readonly<Record<string, unknown>>> {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), startWithinMs);
    try {
      for (;;) {
        const next = await Promise.race([this.#lines.next(), late.promise]);
        if (next === "late") return this.#complain(`said no "${key}" within ${startWithinMs} ms`);
        if (next.done) return this.#complain(`ended before it said "${key}"`);
        const line = asObject(next.value);
        if (line && key in line) return line;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks it to end, and makes it end when it does not. */
  async end(): Promise<void> {
    startedChildren.delete(this);
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGTERM");
    const impatience = setTimeout(() => this.#process.kill("SIGKILL"), endWithinMs);
    await this.#ended;
    clearTimeout(impatience);
  }

  #complain(says: string): never {
    throw new Error(`${this.#command} ${says}.\n${this.#errors}`);
  }
}

const startedChildren = new Set<Child>();

/** Ends whatever is still running, after a bench that was interrupted or has failed. */
export async function endAllChildren(): Promise<void> {
  await Promise.all([...startedChildren].map((child) => child.end()));
}

function asObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
