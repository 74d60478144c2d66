import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { TrellisError } from "../../../model/errors.ts";
import { createWhole, hasCluster, resolveDataFolder } from "../embedded/data-folder.ts";
import { type BackupManifest, brokenBackup, logFiles, type ManifestFile, parseManifest } from "./backup-manifest.ts";
import { readTar, type TarEntry } from "./tar.ts";

const manifestName = "backup_manifest";
const logFolder = "pg_wal/";

/**
 * Makes PostgreSQL's folder anew from a file of `backUp`'s, and checks every byte of it. The folder is there whole or not
 * at all; a server started on it has what was committed when the backup ended.
 *
 * Throws `broken-backup`, `disk-full`, `data-folder` where there is something in the folder already, or
 * `data-folder-older` and `data-folder-newer` where the backup is of another major version.
 */
export async function restoreBackup(file: string, folder: string): Promise<void> {
  const data = await resolveDataFolder(folder);
  await refuseUsedFolder(data);
  const created = await createWhole(data, async (draft) => {
    await unpack(file, draft);
    await hasCluster(draft);
  });
  if (!created) await refuseUsedFolder(data);
}

async function refuseUsedFolder(data: string): Promise<void> {
  const entries = await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw cause;
  });
  if (entries.length === 0) return;
  throw new TrellisError("data-folder", {
    says: `${data} is not empty, and a backup is never restored over data`,
    cure: "Choose a new folder with --data, or move this one away first.",
  });
}

async function unpack(file: string, draft: string): Promise<void> {
  const found = new Map<string, ManifestFile>();
  let manifest: BackupManifest | undefined;
  for await (const entry of entriesOf(file)) {
    const path = join(draft, entry.path);
    if (entry.kind === "folder") await mkdir(path, { recursive: true, mode: 0o700 });
    else if (entry.path === manifestName) manifest = parseManifest(await textOf(entry));
    else found.set(entry.path, await writeFile(path, entry));
  }
  if (!manifest) throw brokenBackup("it has no manifest");
  compare(manifest, found);
}

/** Errors of reading are the backup's fault; those of writing are not, and do not pass through here. */
async function* entriesOf(file: string): AsyncGenerator<TarEntry> {
  const input = createReadStream(file);
  const gunzip = createGunzip();
  input.once("error", (cause) => gunzip.destroy(cause));
  try {
    yield* readTar(readable(input.pipe(gunzip), file));
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function* readable(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new TrellisError("broken-backup", {
      says: `${file} cannot be read as a backup: ${(cause as Error).message}`,
      cause,
    });
  }
}

async function textOf({ body }: TarEntry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function writeFile(path: string, { body, size }: TarEntry): Promise<ManifestFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { size, checksum: hash.digest("hex") };
}

function compare({ files, log }: BackupManifest, found: ReadonlyMap<string, ManifestFile>): void {
  for (const [path, { size, checksum }] of files) {
    const file = found.get(path);
    if (!file) throw brokenBackup(`${path} is missing`);
    if (file.size !== size || file.checksum !== checksum) throw brokenBackup(`${path} is not as it was backed up`);
  }
  for (const path of found.keys())
    if (!files.has(path) && !path.startsWith(logFolder)) throw brokenBackup(`${path} does not belong to it`);
  const fileBytes = BigInt(
    Math.max(0, ...[...found].map(([path, { size }]) => (path.startsWith(logFolder) ? size : 0))),
  );
  if (fileBytes === 0n) throw brokenBackup("the log of what changed meanwhile is missing");
  for (const name of log.flatMap((range) => logFiles(range, fileBytes)))
    if (found.get(logFolder + name)?.size !== Number(fileBytes)) throw brokenBackup(`${logFolder}${name} is missing`);
}
