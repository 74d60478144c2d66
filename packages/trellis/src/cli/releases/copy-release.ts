import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { constants, cp, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { TrellisError } from "../../model/errors.ts";
import type { ReleaseSource } from "../../supervisor/control-words.ts";
import { configName } from "../load-app.ts";

const run = promisify(execFile);
/** A list of a hundred thousand files is some megabytes. */
const listBytesMax = 256 * 1_048_576;

/** Never part of a release: dependencies are linked, the rest is no code. */
const neverCopied: ReadonlySet<string> = new Set(["node_modules", ".git", ".trellis"]);

export interface CopyOptions {
  readonly source: ReleaseSource;
  /** Made, with everything that is above it. */
  readonly to: string;
  /** Files that git ignores but the app needs, such as built pages. */
  readonly also: readonly string[];
}

/** Copies the code of a release. Returns its `trellis.config.ts`. Throws `release-failed`, with nothing left behind. */
export async function copyRelease(options: CopyOptions): Promise<string> {
  const { source, to } = options;
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true, mode: 0o755 });
  try {
    return await (source.ref === undefined ? copyFolder(options) : copyCommit(source.folder, source.ref, to));
  } catch (cause) {
    await rm(to, { recursive: true, force: true });
    if (cause instanceof TrellisError) throw cause;
    const { stderr, message } = cause as { readonly stderr?: string; readonly message: string };
    throw new TrellisError("release-failed", { says: stderr?.trim() || message, cause });
  }
}

async function copyFolder({ source: { folder }, to, also }: CopyOptions): Promise<string> {
  const listed = await listedByGit(folder);
  const files = listed.length > 0 ? listed : await everyFile(folder);
  for (const file of files) await copyOne(folder, to, file);
  for (const place of also) {
    const inside = relative(folder, place);
    // What lies elsewhere is found there, too.
    if (!inside.startsWith("..") && existsSync(place))
      await cp(place, join(to, inside), { recursive: true, mode: constants.COPYFILE_FICLONE });
  }
  await linkDependencies(folder, to, files);
  return join(to, configName);
}

/** The files that are in git or could be; none where the folder is in no repository, or ignored by it. */
async function listedByGit(folder: string): Promise<readonly string[]> {
  const words = ["-C", folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const { stdout } = await run("git", words, { maxBuffer: listBytesMax }).catch(() => ({ stdout: "" }));
  const files = stdout.split("\0").filter((file) => file !== "" && existsSync(join(folder, file)));
  return files.filter((file) => !file.split(sep).some((part) => neverCopied.has(part)));
}

async function everyFile(folder: string, below = ""): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (neverCopied.has(entry.name)) continue;
    const path = join(below, entry.name);
    if (entry.isDirectory()) files.push(...(await everyFile(folder, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
  }
  return files;
}

async function copyOne(folder: string, to: string, file: string): Promise<void> {
  await mkdir(join(to, dirname(file)), { recursive: true });
  await cp(join(folder, file), join(to, file), { verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

/**
 * Gives the copy the dependencies as they are now, also those of workspaces: hard links, which take no room, and stay as
 * they are when npm puts other files in the places of the originals.
 */
async function linkDependencies(folder: string, to: string, files: readonly string[]): Promise<void> {
  const folders = new Set(files.filter((file) => basename(file) === "package.json").map(dirname));
  for (const below of [...folders, "."]) {
    const from = join(folder, below, "node_modules");
    if (existsSync(from)) await linkTree(from, join(to, below, "node_modules"));
  }
  if (existsSync(join(to, "node_modules"))) return;
  // An app in a folder of a larger repository finds its dependencies above itself; so does its copy, or by a link.
  const above = nodeModulesAbove(folder);
  if (above !== undefined && above !== nodeModulesAbove(to)) await symlink(above, join(to, "node_modules"));
}

async function linkTree(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  // GNU's links; macOS's cp clones, which is as good there. Across disks neither can.
  const flags = process.platform === "linux" ? "-al" : "-Rc";
  await run("cp", [flags, from, to]).catch(async () => {
    await rm(to, { recursive: true, force: true });
    await run("cp", ["-a", from, to]);
  });
}

function nodeModulesAbove(folder: string): string | undefined {
  for (let at = dirname(folder); ; at = dirname(at)) {
    const path = join(at, "node_modules");
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}

/** A commit has no dependencies: these are the folder's where it locks the same, else installed. */
async function copyCommit(folder: string, ref: string, to: string): Promise<string> {
  const git = async (...words: readonly string[]) => (await run("git", ["-C", folder, ...words])).stdout.trim();
  const root = await git("rev-parse", "--show-toplevel");
  const commit = await git("rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`).catch((cause: unknown) => {
    throw new TrellisError("release-failed", {
      says: `There is no commit "${ref}" in the repository of ${folder}`,
      cause,
    });
  });
  const tar = `${to}.tar`;
  try {
    await run("git", ["-C", root, "archive", "--format=tar", `--output=${tar}`, commit]);
    await run("tar", ["-xf", tar, "-C", to]);
  } finally {
    await rm(tar, { force: true });
  }
  const app = join(to, relative(root, resolve(folder)));
  if (!existsSync(join(app, configName)))
    throw new TrellisError("release-failed", {
      says: `${ref} has no ${configName} in ${relative(root, folder) || "its root"}`,
    });
  if (await isSameLock(root, to)) await linkDependencies(root, to, (await everyFile(to)).filter(isManifest));
  else if (existsSync(join(to, "package-lock.json"))) await run("npm", ["ci", "--ignore-scripts"], { cwd: to });
  return join(app, configName);
}

const isManifest = (file: string): boolean => basename(file) === "package.json";

async function isSameLock(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((folder) => readFile(join(folder, "package-lock.json"), "utf8").catch(() => "")),
  );
  return first === second;
}
