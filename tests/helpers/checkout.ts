import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The folder of the repository that the tests belong to. */
export const repository = join(import.meta.dirname, "../..");

/** A copy of the checkout as it is now, committed or not, with its packages installed. */
export async function copyCheckout(target: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: repository });
  await mkdir(target, { recursive: true });
  for (const file of stdout.split("\0").filter(Boolean))
    await cp(join(repository, file), join(target, file)).catch(unlessDeleted);
  // Hard links: the same packages again, in no time and no space.
  await run("cp", ["-al", "node_modules", target], { cwd: repository });
}

/** Listed by git, but deleted in the working tree. */
function unlessDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** The environment of someone who opens a terminal: nothing of the test's own, and not its Node. */
export function terminalEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|TRELLIS_|NODE_|DATABASE_URL$|PORT$|TEST$|DEV$|PROD$|MODE$|INIT_CWD$)/i.test(name),
  );
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(repository));
  return { ...Object.fromEntries(kept), HOME: homedir(), PATH: path.join(delimiter) };
}
