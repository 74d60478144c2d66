import type { ScaleNote } from "./scale-note.ts";

/** So many decisions are kept. */
export const notesKept = 1_000;
/** What has not changed is noted again after this long. */
const againMs = 600_000;

/** Lines of text that outlive this process. */
export interface JournalFile {
  /** Everything that was written; undefined before anything was. */
  read(): string | undefined;
  /** Adds whole lines at the end. */
  append(text: string): void;
  /** Writes it anew, whole or not at all. */
  replace(text: string): void;
}

/** The decisions of the past, the last ones only, on file: a line of JSON each. */
export class ScaleJournal {
  readonly #file: JournalFile;
  #notes: readonly ScaleNote[];
  /** Lines in the file, of which it has a few more than are kept. */
  #lines: number;

  constructor(file: JournalFile) {
    this.#file = file;
    const lines = (file.read() ?? "").split("\n").filter((line) => line !== "");
    this.#lines = lines.length;
    this.#notes = lines.flatMap(noteIn).slice(-notesKept);
    // Whoever wrote it was killed in the middle of a line: the next one must not be added to that.
    if (this.#notes.length < Math.min(lines.length, notesKept)) this.#rewrite();
  }

  /** Oldest first. */
  get notes(): readonly ScaleNote[] {
    return this.#notes;
  }

  /** The latest one on this group. */
  last(group: string): ScaleNote | undefined {
    return this.#notes.findLast((note) => note.group === group);
  }

  /** Adds what was done, and what was not done for another reason than the last time. Returns whether it was added. */
  add(note: ScaleNote): boolean {
    if (!note.done && isSame(this.last(note.group), note)) return false;
    this.#notes = [...this.#notes, note].slice(-notesKept);
    this.#lines += 1;
    if (this.#lines > notesKept * 2) this.#rewrite();
    else this.#file.append(`${JSON.stringify(note)}\n`);
    return true;
  }

  #rewrite(): void {
    this.#file.replace(this.#notes.map((note) => `${JSON.stringify(note)}\n`).join(""));
    this.#lines = this.#notes.length;
  }
}

function isSame(last: ScaleNote | undefined, { at, kind, limitedBy, to }: ScaleNote): boolean {
  if (!last || last.done || at - last.at >= againMs || at < last.at) return false;
  return last.kind === kind && last.limitedBy === limitedBy && last.to === to;
}

function noteIn(line: string): readonly ScaleNote[] {
  try {
    const { at, group, from, to, kind, says, limitedBy, done } = JSON.parse(line) as Partial<ScaleNote>;
    const isWhole =
      [at, from, to].every(Number.isFinite) && [group, kind, says].every((text) => typeof text === "string");
    if (!isWhole || typeof done !== "boolean") return [];
    return [{ at, group, from, to, kind, says, done, ...(limitedBy ? { limitedBy } : {}) } as ScaleNote];
  } catch {
    return [];
  }
}
