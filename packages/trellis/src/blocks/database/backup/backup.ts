import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, type Gzip } from "node:zlib";
import { TrellisError } from "../../../model/errors.ts";
import { type BackupSink, baseBackup } from "./base-backup.ts";
import { syncFolder } from "./sync-folder.ts";
import { padding, tarEnd, tarHeader } from "./tar.ts";

export interface Backup {
  /** Its absolute path. */
  readonly file: string;
  readonly bytes: number;
}

/** Fast rather than small: a backup competes with the app for the processor. */
const compressionLevel = 1;

/**
 * Backs up the whole server while it runs, into one file: a gzipped tar archive of PostgreSQL's folder, with the log of
 * what changed meanwhile in `pg_wal/`, and last `backup_manifest` with the checksum of every file. Unpacked anywhere, it
 * is a folder that PostgreSQL 18 starts on. The file is there whole or not at all; one of that name is replaced.
 *
 * Throws `database-unreachable`, `disk-full`, or `data-folder` where the file cannot be written.
 */
export async function backUp(url: string, file: string): Promise<Backup> {
  const path = resolve(file);
  const draft = `${path}.new-${process.pid}`;
  try {
    await write(url, draft);
    const { size } = await stat(draft);
    await rename(draft, path);
    await syncFolder(dirname(path));
    return { file: path, bytes: size };
  } catch (cause) {
    await rm(draft, { force: true });
    throw unwritable(path, cause);
  }
}

async function write(url: string, draft: string): Promise<void> {
  const gzip = createGzip({ level: compressionLevel });
  const sink = new TarSink(gzip);
  const stop = new AbortController();
  const written = pipeline(gzip, createWriteStream(draft, { mode: 0o600, flush: true })).catch((cause) => {
    stop.abort();
    throw cause;
  });
  const sent = baseBackup(url, sink, stop.signal).then(
    () => sink.end(),
    (cause) => {
      gzip.destroy(cause);
      throw cause;
    },
  );
  // Where both fail, one failed because of the other: what could not be written is the cause.
  const failed = (await Promise.allSettled([written, sent])).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** Appends the manifest to the archive that the server sends: its end is held back until it is known what follows. */
class TarSink implements BackupSink {
  readonly #gzip: Gzip;
  readonly #manifest: Buffer[] = [];
  #held: Buffer = Buffer.alloc(0);

  constructor(gzip: Gzip) {
    this.#gzip = gzip;
  }

  archive(bytes: Buffer): boolean {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const passed = Math.max(0, all.length - tarEnd.length);
    this.#held = all.subarray(passed);
    return this.#gzip.write(all.subarray(0, passed));
  }

  manifest(bytes: Buffer): boolean {
    this.#manifest.push(bytes);
    return true;
  }

  onRoom(run: () => void): void {
    this.#gzip.once("drain", run);
  }

  end(): void {
    const manifest = Buffer.concat(this.#manifest);
    if (!this.#held.equals(tarEnd)) this.#gzip.write(this.#held);
    this.#gzip.write(tarHeader("backup_manifest", manifest.length));
    this.#gzip.write(manifest);
    this.#gzip.write(Buffer.alloc(padding(manifest.length)));
    this.#gzip.end(tarEnd);
  }
}

function unwritable(file: string, cause: unknown): unknown {
  const code = (cause as Partial<NodeJS.ErrnoException>).code ?? "";
  if (code === "ENOSPC") return new TrellisError("disk-full", { says: `There is no room for ${file}`, cause });
  if (cause instanceof TrellisError || !/^E[A-Z]+$/.test(code)) return cause;
  return new TrellisError("data-folder", {
    says: `The backup ${file} cannot be written (${code})`,
    cure: "Name a file in a folder that you may write to.",
    cause,
  });
}
