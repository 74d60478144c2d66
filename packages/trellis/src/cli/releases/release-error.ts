import { TrellisError } from "../../model/errors.ts";
import { revived } from "../../supervisor/ask-control.ts";
import type { InstanceError } from "../../supervisor/instance-process.ts";

/** What was wrong, of a command of a release that failed: as it has told, or as Node has. */
export function releaseError(stdout: string, stderr: string): TrellisError {
  const told = toldError(stdout);
  return told ? revived(told) : new TrellisError("broken-config", { says: thrown(stderr) ?? "It says nothing" });
}

function toldError(stdout: string): InstanceError | undefined {
  try {
    const line = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Partial<InstanceError>;
    return typeof line.code === "string" && typeof line.says === "string" ? (line as InstanceError) : undefined;
  } catch {
    return undefined;
  }
}

/** Of what Node writes about an error that nobody caught: neither where it was thrown, nor its own version. */
function thrown(stderr: string): string | undefined {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Node.js v"));
  return (lines.find((line) => /^(?:Uncaught )?[\w$]*Error\b/.test(line)) ?? lines.at(-1))?.trim();
}
