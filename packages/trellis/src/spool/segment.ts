import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file of a spool. Its name says the position of its first record; what lies between two files has been lost. */
export interface Segment {
  readonly path: string;
  readonly start: number;
  /** The position behind its last record. */
  end: number;
  bytes: number;
  /** Nothing is written to it any more. */
  closed: boolean;
}

const suffix = ".spool";
const digits = 16;

export function newSegment(folder: string, start: number): Segment {
  const path = join(folder, `${String(start).padStart(digits, "0")}${suffix}`);
  return { path, start, end: start, bytes: 0, closed: false };
}

/** The files of a dead process's spool, oldest first. Where they end is known when they are read. */
export function findSegments(folder: string): Segment[] {
  const starts = readdirSync(folder)
    .filter((name) => name.length === digits + suffix.length && name.endsWith(suffix))
    .map((name) => Number(name.slice(0, digits)))
    .filter((start) => Number.isSafeInteger(start));
  return starts
    .toSorted((one, other) => one - other)
    .map((start) => {
      const segment = newSegment(folder, start);
      return { ...segment, bytes: statSync(segment.path).size, closed: true };
    });
}
