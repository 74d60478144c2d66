import { createHash } from "node:crypto";
import { TrellisError } from "../../../model/errors.ts";

/** What a backup must hold (PostgreSQL's documentation, Backup Manifest Format). */
export interface BackupManifest {
  readonly files: ReadonlyMap<string, ManifestFile>;
  readonly log: readonly LogRange[];
}

export interface ManifestFile {
  readonly size: number;
  /** SHA-256 in hexadecimal digits. */
  readonly checksum: string;
}

/** The part of the write-ahead log without which the backup is of no use. */
interface LogRange {
  readonly timeline: number;
  readonly start: bigint;
  readonly end: bigint;
}

interface ManifestJson {
  readonly Files: readonly {
    readonly Path?: string;
    readonly "Encoded-Path"?: string;
    readonly Size: number;
    readonly Checksum: string;
  }[];
  readonly "WAL-Ranges": readonly {
    readonly Timeline: number;
    readonly "Start-LSN": string;
    readonly "End-LSN": string;
  }[];
  readonly "Manifest-Checksum": string;
}

/** Throws `broken-backup` where it was changed. */
export function parseManifest(text: string): BackupManifest {
  const json = parse(text);
  // The checksum stands in the last line, and is of all lines before it.
  const covered = text.slice(0, text.lastIndexOf('"Manifest-Checksum"'));
  if (sha256(covered) !== json["Manifest-Checksum"]) throw brokenBackup("its manifest was changed");
  const files = json.Files.map((file) => {
    const path = file.Path ?? Buffer.from(file["Encoded-Path"] ?? "", "hex").toString();
    return [path, { size: file.Size, checksum: file.Checksum }] as const;
  });
  const log = json["WAL-Ranges"].map((range) => ({
    timeline: range.Timeline,
    start: position(range["Start-LSN"]),
    end: position(range["End-LSN"]),
  }));
  return { files: new Map(files), log };
}

/** The names of the log's files that the range lies in, each of `fileBytes`. */
export function logFiles({ timeline, start, end }: LogRange, fileBytes: bigint): readonly string[] {
  const names: string[] = [];
  const perName = 0x1_0000_0000n / fileBytes;
  for (let file = start / fileBytes; file * fileBytes < end; file += 1n)
    names.push([BigInt(timeline), file / perName, file % perName].map(eightDigits).join(""));
  return names;
}

export function brokenBackup(says: string, cause?: unknown): TrellisError {
  return new TrellisError("broken-backup", { says: `The backup is damaged: ${says}`, cause });
}

function parse(text: string): ManifestJson {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw brokenBackup("its manifest cannot be read", cause);
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** `0/2000028`: the upper and the lower 32 bits. */
function position(text: string): bigint {
  const [upper = "0", lower = "0"] = text.split("/");
  return (BigInt(`0x${upper}`) << 32n) | BigInt(`0x${lower}`);
}

function eightDigits(number: bigint): string {
  return number.toString(16).toUpperCase().padStart(8, "0");
}
