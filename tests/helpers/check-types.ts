import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Type-checks every TypeScript file in `folder`, which lies in the checkout `root`, as strictly as our own code. */
export async function checkTypes(folder: string, root: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts"));
  if (files.length === 0) return;
  const base = relative(folder, join(root, "tsconfig.base.json"));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: base, files }));
  const compiler = join(root, "node_modules/@typescript/native/bin/tsc");
  await run(process.execPath, [compiler, "-p", folder]).catch(({ stdout }: { stdout: string }) => {
    throw new Error(`the code of the guide does not fit together:\n${stdout}`);
  });
}
