import { readFileSync } from "node:fs";
import { join } from "node:path";

const prefix = "/.well-known/acme-challenge/";

/**
 * Answers of HTTP-01 (RFC 8555, section 8.3) from a folder, in which whoever orders the certificate puts a file for each
 * token: every gateway process can answer, whichever of them the authority reaches.
 */
export function acmeChallenges(folder: string): (authority: string, target: string) => string | undefined {
  return (_authority, target) => {
    if (!target.startsWith(prefix)) return undefined;
    const token = target.slice(prefix.length);
    if (!/^[\w-]{1,256}$/.test(token)) return undefined;
    try {
      return readFileSync(join(folder, token), "utf8");
    } catch {
      // Nobody has asked for such a one.
      return undefined;
    }
  };
}
