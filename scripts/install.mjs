import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockOfInstall = join(root, ".trellis", "installing");

/** Brings node_modules to what package-lock.json says; does nothing when it is there already. */
export function ensureInstalled() {
  if (isInstalled()) return;
  holdingTheLock(() => {
    if (!isInstalled()) install();
  });
}

/** npm writes a list of what it has installed as its last step, so a torn install is not taken for a whole one. */
export function isInstalled(folder = root) {
  const installed = packagesOf(join(folder, "node_modules", ".package-lock.json"));
  const wanted = packagesOf(join(folder, "package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (!path.startsWith("node_modules/")) return true;
    return path in installed ? installed[path].version === version : optional;
  });
}

function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, "utf8")).packages : {};
}

function install() {
  console.error("Installing the packages that package-lock.json names …");
  // Some packages ask for a newer Node than the one that installs them. They get it: they run on the pinned one.
  // Its output goes to standard error: standard output belongs to the command that comes after it.
  const stdio = ["inherit", process.stderr.fd, process.stderr.fd];
  const { status, error } = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio });
  if (status === 0) return;
  console.error(
    `"npm ci" failed${error ? `: ${error.message}` : ""}.\nSee its messages above, then run the command again.`,
  );
  process.exit(1);
}

function holdingTheLock(work) {
  mkdirSync(join(root, ".trellis"), { recursive: true });
  let waited = false;
  while (!tookLock()) {
    if (!waited) console.error("Another command is installing the packages; waiting for it …");
    waited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  process.once("exit", () => rmSync(lockOfInstall, { force: true }));
  work();
  rmSync(lockOfInstall, { force: true });
}

function tookLock() {
  try {
    writeFileSync(lockOfInstall, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!holderIsAlive()) rmSync(lockOfInstall, { force: true });
    return false;
  }
}

function holderIsAlive() {
  try {
    const pid = Number(readFileSync(lockOfInstall, "utf8"));
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
