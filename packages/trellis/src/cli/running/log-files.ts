import {
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../model/clock.ts";
import type { Limit } from "../../model/limit.ts";
import { folderError } from "../folder/whole-file.ts";

/** What one process may write into its log before that is put aside. */
export const logFileBytesMax = 10 * 1_048_576;
/** Older logs of a process that are kept. */
const oldLogs = 3;

export const logLimits: readonly Limit[] = [
  {
    name: "log file of a process",
    value: logFileBytesMax,
    unit: "bytes",
    set: `fixed: ${oldLogs} older ones are kept`,
  },
];

/** How soon what a process has written is shown. */
const followMs = 100;
const pieceBytes = 65_536;

interface OpenLogFile {
  readonly path: string;
  /** Appends: what is written after a cut goes to the start of the file. */
  readonly descriptor: number;
  readonly reader: number;
  /** A character may lie across two pieces. */
  readonly decoder: StringDecoder;
  position: number;
}

/**
 * The logs of the processes that a supervisor starts: files, as the processes outlive it. While it runs, whatever is
 * written there is passed on, and a file that has grown too large is put aside.
 */
export class LogFiles {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onText: (text: string) => void;
  readonly #files = new Map<string, OpenLogFile>();
  readonly #piece = Buffer.alloc(pieceBytes);
  #closed = false;

  constructor(folder: string, clock: Clock, onText: (text: string) => void) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw folderError(folder, cause);
    }
    this.#folder = folder;
    this.#clock = clock;
    this.#onText = onText;
    this.#follow();
  }

  /** Where a program of that name writes; from now on it is followed. */
  path(name: string): string {
    return this.#open(name).path;
  }

  /** The same as a descriptor, for the output of a process. */
  descriptor(name: string): number {
    return this.#open(name).descriptor;
  }

  /** Passes on what has come, and follows no more. */
  close(): void {
    this.#closed = true;
    this.#look();
    for (const { descriptor, reader } of this.#files.values()) {
      closeSync(descriptor);
      closeSync(reader);
    }
    this.#files.clear();
  }

  #open(name: string): OpenLogFile {
    const known = this.#files.get(name);
    if (known) return known;
    const path = join(this.#folder, `${name}.log`);
    const descriptor = openSync(path, "a", 0o600);
    // What an earlier supervisor has shown is not shown again.
    const file = {
      path,
      descriptor,
      reader: openSync(path, "r"),
      decoder: new StringDecoder("utf8"),
      position: fstatSync(descriptor).size,
    };
    this.#files.set(name, file);
    return file;
  }

  #follow(): void {
    if (this.#closed) return;
    this.#look();
    this.#clock.after(followMs, () => this.#follow());
  }

  #look(): void {
    for (const file of this.#files.values()) {
      this.#passOn(file);
      if (file.position > logFileBytesMax) this.#putAside(file);
    }
  }

  #passOn(file: OpenLogFile): void {
    for (;;) {
      const count = readSync(file.reader, this.#piece, 0, pieceBytes, file.position);
      if (count === 0) return;
      file.position += count;
      this.#onText(file.decoder.write(this.#piece.subarray(0, count)));
    }
  }

  /** The process keeps its descriptor, so its file is copied and cut, not renamed. */
  #putAside(file: OpenLogFile): void {
    rmSync(`${file.path}.${oldLogs}`, { force: true });
    for (let age = oldLogs - 1; age >= 1; age -= 1) renameIfThere(`${file.path}.${age}`, `${file.path}.${age + 1}`);
    try {
      copyFileSync(file.path, `${file.path}.1`);
    } catch {
      // There is no room for both: then the disk is better off without either.
      rmSync(`${file.path}.1`, { force: true });
    }
    // What came during the copy is shown, at least.
    this.#passOn(file);
    ftruncateSync(file.descriptor);
    file.position = 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
  }
}
