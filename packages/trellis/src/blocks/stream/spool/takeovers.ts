import { SpoolFolder } from "../../../spool/spool-folder.ts";
import { takeoversMax } from "./limits.ts";
import type { TakenSpool } from "./taken-spool.ts";
import { Takeover, type TakeoverOptions } from "./takeover.ts";

export interface TakeoversOptions extends Omit<TakeoverOptions, "folder"> {
  /** Where the folders of all processes are. */
  readonly parent: string;
  /** This process: its own folder is not taken. */
  readonly process: string;
}

/** The folders of processes that have died which this instance has in its hands: some at once, of any number. */
export class Takeovers {
  readonly #options: TakeoversOptions;
  /** By their processes: those of which something has to be tried again. */
  readonly #held = new Map<string, Takeover>();
  #stopped = false;

  constructor(options: TakeoversOptions) {
    this.#options = options;
  }

  /** What is in its hands. */
  get spools(): readonly TakenSpool[] {
    return [...this.#held.values()].flatMap(({ spools }) => [...spools.values()]);
  }

  /** Brings in what these processes have left, where they are dead; and what could not be brought in before. */
  async run(processes: readonly string[]): Promise<void> {
    const left = processes.filter((process) => process !== this.#options.process && !this.#held.has(process));
    await Promise.all([...this.#held.values()].map((takeover) => this.#finish(takeover)));
    // What fails everywhere is not tried with each of a thousand folders: a database may be away.
    const failing = new Set<string>();
    while (left.length > 0 && !this.#stopped) {
      const taken: Takeover[] = [];
      while (left.length > 0 && taken.length < takeoversMax) {
        const takeover = this.#take(left.shift() as string, failing);
        if (takeover) taken.push(takeover);
      }
      for (const takeover of taken) this.#held.set(takeover.process, takeover);
      await Promise.all(taken.map((takeover) => this.#finish(takeover)));
      for (const { stuck } of taken) for (const part of stuck) failing.add(part);
      for (const { finished } of taken) for (const part of finished) failing.delete(part);
    }
  }

  /** Nothing more after the batches that are on their way. */
  stop(): void {
    this.#stopped = true;
    for (const takeover of this.#held.values()) takeover.stop();
  }

  /** Gives every folder back. */
  end(): void {
    for (const takeover of this.#held.values()) takeover.end();
    this.#held.clear();
  }

  /** Undefined where its process lives, somebody else has it, or there is nothing in it but what fails. */
  #take(process: string, failing: ReadonlySet<string>): Takeover | undefined {
    const { parent } = this.#options;
    const folder = SpoolFolder.take(parent, process);
    if (!folder) return undefined;
    const takeover = new Takeover({ ...this.#options, folder });
    const parts = failing.size > 0 ? folder.parts() : [];
    if (parts.length === 0 || parts.some((part) => !failing.has(part))) return takeover;
    takeover.end();
    return undefined;
  }

  async #finish(takeover: Takeover): Promise<void> {
    await takeover.run();
    // Of those that must be tried again only some stay in its hands: any instance may take the others.
    if (takeover.stuck.length > 0 && this.#held.size <= takeoversMax) return;
    this.#held.delete(takeover.process);
    takeover.end();
  }
}
