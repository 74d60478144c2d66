import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, lstat, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { TrellisError } from "../../../model/errors.ts";

/** `nobody`: there on every Linux and macOS (as -2, in 32 bits), and owner of nothing. */
const nobody = process.platform === "darwin" ? 4_294_967_294 : 65_534;

/** A command line, with the user that it runs as. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** How PostgreSQL, which refuses to run as root, is run by whoever we are. */
export interface Unprivileged {
  invoke(command: string, args: readonly string[]): Invocation;
  /** Gives a file or folder, with all that is in it, to the user that PostgreSQL runs as. */
  own(path: string): Promise<void>;
  /** Whether PostgreSQL's user, or ours, owns it: so that no stranger's folder is trusted. */
  owns(path: string): Promise<boolean>;
}

/** `reaches` are files and folders that PostgreSQL must be able to enter. */
export async function unprivileged(...reaches: readonly string[]): Promise<Unprivileged> {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return asOurselves(uid);
  for (const path of reaches) if (!(await everyoneReaches(path))) return inUserNamespace(path);
  return {
    // As Node takes them: signed.
    invoke: (command, args) => ({ command, args, uid: nobody | 0, gid: nobody | 0 }),
    own: (path) => giveTo(nobody, path),
    owns: (path) => isOwnedBy([0, nobody], path),
  };
}

function asOurselves(uid: number): Unprivileged {
  return {
    invoke: (command, args) => ({ command, args }),
    own: () => Promise.resolve(),
    owns: (path) => isOwnedBy([uid], path),
  };
}

/**
 * The files lie where `nobody` may not enter, such as in `/root`. In a user namespace of its own PostgreSQL believes to
 * be `nobody`, while the kernel still lets it go where root may go.
 */
async function inUserNamespace(unreachable: string): Promise<Unprivileged> {
  const unshare = await findProgram("unshare");
  if (unshare === undefined)
    throw new TrellisError("data-folder", {
      says: `PostgreSQL does not run as root, and ${unreachable} can be entered by root only`,
      cure: "Run as an ordinary user, or move it where everyone may enter.",
    });
  const flags = ["--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"];
  return {
    invoke: (command, args) => ({ command: unshare, args: [...flags, command, ...args] }),
    own: (path) => giveTo(0, path),
    owns: (path) => isOwnedBy([0, nobody], path),
  };
}

/** The program of that name on the PATH, if there is one. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

const mayEnter = 0o001;

async function everyoneReaches(path: string): Promise<boolean> {
  let folder = await realpath(dirname(path));
  for (;;) {
    if (((await stat(folder)).mode & mayEnter) === 0) return false;
    const above = dirname(folder);
    if (above === folder) return true;
    folder = above;
  }
}

const run = promisify(execFile);

async function giveTo(owner: number, path: string): Promise<void> {
  // The folder itself last: it tells whether all that is in it was given.
  if ((await lstat(path)).uid === owner) return;
  await run("find", [path, "-mindepth", "1", "-exec", "chown", "-h", `${owner}:${owner}`, "{}", "+"]);
  await run("chown", ["-h", `${owner}:${owner}`, path]);
}

async function isOwnedBy(owners: readonly number[], path: string): Promise<boolean> {
  const entry = await lstat(path);
  return entry.isDirectory() && owners.includes(entry.uid);
}
