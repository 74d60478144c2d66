import pg from "pg";
import { databaseError } from "../connections/database-error.ts";

/** Takes what a base backup sends, in its order. */
export interface BackupSink {
  /** Bytes of the tar archive of PostgreSQL's folder, with its end. Returns whether more may come at once. */
  archive(bytes: Buffer): boolean;
  /** Bytes of `backup_manifest`, after the archive. Returns whether more may come at once. */
  manifest(bytes: Buffer): boolean;
  /** Calls `run` when more may come. */
  onRoom(run: () => void): void;
}

const command =
  "BASE_BACKUP (LABEL 'trellis', CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')";

/**
 * Has a running server send a backup of itself: the files as they are, and the log of what was changed meanwhile
 * (PostgreSQL's documentation, Streaming Replication Protocol, BASE_BACKUP).
 */
export async function baseBackup(url: string, sink: BackupSink, signal: AbortSignal): Promise<void> {
  const address = new URL(url);
  address.searchParams.set("replication", "true");
  address.searchParams.set("application_name", "trellis backup");
  const client = new pg.Client({ connectionString: address.href });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      const backup = new BaseBackup(sink, (error) => (error ? reject(error) : resolve()));
      signal.throwIfAborted();
      signal.addEventListener("abort", () => backup.stop(), { once: true });
      client.query(backup);
    });
  } catch (cause) {
    throw databaseError(cause);
  } finally {
    await client.end();
  }
}

interface CopyMessage {
  readonly chunk: Buffer;
}

/** What pg asks of a query of one's own; its types tell of `submit` only. */
class BaseBackup implements pg.Submittable {
  readonly #sink: BackupSink;
  readonly #callback: (error: unknown) => void;
  #connection: WireConnection | undefined;
  #target: "archive" | "manifest" = "archive";
  #archives = 0;
  #paused = false;
  #error: unknown;

  constructor(sink: BackupSink, callback: (error: unknown) => void) {
    this.#sink = sink;
    this.#callback = callback;
  }

  submit(connection: unknown): void {
    this.#connection = connection as WireConnection;
    this.#connection.query(command);
  }

  /** Nobody wants the rest: the server notices by the lost connection. */
  stop(): void {
    this.#connection?.stream.destroy();
  }

  handleCopyData({ chunk }: CopyMessage): void {
    if (this.#error !== undefined) return;
    const kind = String.fromCharCode(chunk[0] ?? 0);
    if (kind === "n") this.#nextArchive();
    else if (kind === "m") this.#target = "manifest";
    else if (kind === "d") this.#pass(chunk);
  }

  handleError(error: unknown): void {
    this.#callback(this.#error ?? error);
  }

  handleReadyForQuery(): void {
    this.#callback(this.#error);
  }

  // Where the backup lies in the log is also in the archive.
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}

  #nextArchive(): void {
    this.#archives += 1;
    if (this.#archives > 1) this.#error = new Error("A database with tablespaces cannot be backed up into one file.");
  }

  #pass(chunk: Buffer): void {
    // pg's parser writes over the chunk when more arrives.
    const mayGoOn = this.#sink[this.#target](Buffer.from(chunk.subarray(1)));
    const stream = this.#connection?.stream;
    // What had arrived already still comes, paused or not.
    if (mayGoOn || !stream || this.#paused) return;
    this.#paused = true;
    stream.pause();
    this.#sink.onRoom(() => {
      this.#paused = false;
      stream.resume();
    });
  }
}

interface WireConnection {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(text: string): void;
}
