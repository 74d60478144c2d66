import { TrellisError } from "../model/errors.ts";

/** What the other side sent breaks the rules, so that nothing after it can be trusted: the connection ends. */
export function brokenFrames(says: string): TrellisError {
  return new TrellisError("broken-frames", { says });
}
