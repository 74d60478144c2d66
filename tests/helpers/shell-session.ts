import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface ShellOutput {
  readonly out: string;
  readonly error: string;
}

/** One bash into which scripts are typed one after the other, as into a terminal that stops at the first mistake. */
export class ShellSession {
  readonly #bash: ChildProcess;
  readonly #scripts: string;
  readonly #ended: Promise<number | null>;
  #out = "";
  #error = "";
  /** The folder that the session is in now. */
  folder: string;

  static async open(folder: string, environment: NodeJS.ProcessEnv): Promise<ShellSession> {
    return new ShellSession(folder, environment, await mkdtemp(join(tmpdir(), "trellis-guide-")));
  }

  private constructor(folder: string, environment: NodeJS.ProcessEnv, scripts: string) {
    this.folder = folder;
    this.#scripts = scripts;
    this.#bash = spawn("bash", ["-eu"], { cwd: folder, env: environment, stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = new Promise((resolve, reject) => this.#bash.once("close", resolve).once("error", reject));
    this.#read(this.#bash.stdout, (text) => {
      this.#out += text;
    });
    this.#read(this.#bash.stderr, (text) => {
      this.#error += text;
    });
  }

  /** Resolves with what the script printed. Rejects where one of its commands fails. */
  async type(script: string): Promise<ShellOutput> {
    const mark = `-- ${randomUUID()} `;
    const file = join(this.#scripts, "script.sh");
    await writeFile(file, script);
    this.#out = "";
    this.#error = "";
    // From a file, so that no command of the script reads the rest of it as its input.
    this.#bash.stdin?.write(`. '${file}' </dev/null\nprintf '%s%s\\n' '${mark}' "$PWD"\n`);
    const exit = await Promise.race([this.#marked(mark), this.#ended]);
    if (typeof exit !== "string") throw new Error(`it ended with exit code ${exit}\n${this.#out}${this.#error}`.trim());
    this.folder = exit;
    return { out: this.#out.slice(0, this.#out.indexOf(mark)), error: this.#error };
  }

  async close(): Promise<void> {
    this.#bash.stdin?.end();
    await this.#ended;
    await rm(this.#scripts, { recursive: true, force: true });
  }

  #marked(mark: string): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const [, folder] = this.#out.split(mark);
        if (!folder?.endsWith("\n")) return;
        this.#bash.stdout?.off("data", look);
        resolve(folder.trimEnd());
      };
      this.#bash.stdout?.on("data", look);
    });
  }

  #read(stream: Readable | null, onText: (text: string) => void): void {
    stream?.setEncoding("utf8").on("data", onText);
  }
}
