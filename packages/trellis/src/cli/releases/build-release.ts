import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { TrellisError } from "../../model/errors.ts";

/** A compiler's last words say what was wrong. */
const lastLinesMax = 5;

/**
 * Runs a command of the shell in a folder, and tells every line that it writes. Throws `release-failed` with its last lines
 * where it fails.
 */
export async function buildRelease(command: string, folder: string, tell: (line: string) => void): Promise<void> {
  const child = spawn(command, { cwd: folder, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  const last: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on("line", (line) => {
      if (line.trim() === "") return;
      last.push(line.trim());
      if (last.length > lastLinesMax) last.shift();
      tell(line);
    });
  const end = await new Promise<string | undefined>((resolve) => {
    child.once("error", (cause) => resolve(cause.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (end === undefined) return;
  throw new TrellisError("release-failed", {
    says: `\`${command}\` ended with ${end}${last.length === 0 ? "" : `: ${last.join(" / ")}`}`,
  });
}
