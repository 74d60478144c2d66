import { type ErrorFacts, TrellisError } from "../../model/errors.ts";
import { eventBytesMax, keyCharactersMax } from "./limits.ts";
import type { Recorded } from "./port.ts";

/** An event as it is appended: `body` is its JSON. Throws `invalid-input` where it is too large, or its key cannot be one. */
export function eventRecord(key: string, body: string, trace: string | undefined): Recorded {
  // A character takes three bytes at most: most events need not be counted.
  if (body.length * 3 > eventBytesMax) checkSize(body);
  if (key.length > keyCharactersMax || key.includes("\0")) throw badKey(key);
  return trace === undefined ? { key, body } : { key, body, trace };
}

function checkSize(body: string): void {
  const size = Buffer.byteLength(body);
  if (size <= eventBytesMax) return;
  throw refused("event", {
    says: `An event has ${size} bytes as JSON, of at most ${eventBytesMax}`,
    cure: "Keep what is large elsewhere, such as in a table or a file, and put its name into the event.",
  });
}

function badKey(key: string): TrellisError {
  if (key.includes("\0")) return refused("key", { says: "An event's key contains the character U+0000" });
  return refused("key", { says: `An event's key has ${key.length} characters, of at most ${keyCharactersMax}` });
}

function refused(field: string, facts: ErrorFacts): TrellisError {
  return new TrellisError("invalid-input", { ...facts, fields: [{ field, problem: facts.says ?? "" }] });
}
