import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isExpectedOutput } from "./expected-output.ts";
import { GuideServer } from "./guide-server.ts";
import { type GuideStep, parseGuide } from "./parse-guide.ts";
import { type ShellOutput, ShellSession } from "./shell-session.ts";

export interface GuideOptions {
  /** Where the reader begins. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What guides print as the app's address. The reader's own may be another, where something else has that port. */
const printedAddress = "http://localhost:3000";

/** Does what the Markdown file says, block by block, as typed. Rejects with the line where it does not work as printed. */
export async function followGuide(file: string, options: GuideOptions): Promise<void> {
  const steps = parseGuide(await readFile(file, "utf8"));
  const reader = new Reader(await ShellSession.open(options.folder, options.environment), options);
  try {
    for (const step of steps)
      await reader.follow(step).catch((cause: unknown) => {
        const says = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${file}:${step.line} does not work as printed: ${says}`, { cause });
      });
  } finally {
    await reader.leave();
  }
}

class Reader {
  readonly #shell: ShellSession;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #servers: GuideServer[] = [];
  #address = printedAddress;

  constructor(shell: ShellSession, { environment }: GuideOptions) {
    this.#shell = shell;
    this.#environment = environment;
  }

  async follow(step: GuideStep): Promise<void> {
    switch (step.kind) {
      case "write":
        return this.#write(step.file, step.text);
      case "run":
        return this.#run(step.script, step.expected);
      case "module":
        await this.#write(`block-${step.line}.ts`, this.#here(step.text));
        return this.#run(`node block-${step.line}.ts`);
      case "serve":
        return this.#serve(step.script, step.expected);
    }
  }

  async leave(): Promise<void> {
    await this.#shell.close();
    for (const server of this.#servers.toReversed()) await server.stop();
  }

  async #run(script: string, expected?: string): Promise<void> {
    const output = await this.#shell.type(this.#here(script));
    if (expected !== undefined) expect(output, this.#here(expected));
  }

  async #serve(script: string, expected?: string): Promise<void> {
    // A second server takes the place of the first, as in one terminal.
    await this.#servers.pop()?.stop();
    const server = new GuideServer(script, this.#shell.folder, this.#environment);
    this.#servers.push(server);
    this.#address = await server.serving();
    if (expected !== undefined) expect(server.output, this.#here(expected));
  }

  async #write(file: string, text: string): Promise<void> {
    const path = resolve(this.#shell.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  #here(text: string): string {
    return text.replaceAll(printedAddress, this.#address);
  }
}

function expect({ out, error }: ShellOutput, expected: string): void {
  if (isExpectedOutput(out, expected)) return;
  throw new Error(`the output differs\n--- printed in the guide\n${expected}\n--- what came\n${out}${error}`);
}
