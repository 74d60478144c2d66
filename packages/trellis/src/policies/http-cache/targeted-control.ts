import { type AnswerControl, answerControl } from "./cache-control.ts";
import { type Member, parseDictionary } from "./structured-dictionary.ts";

/**
 * Reads a field that is meant for caches like this one, such as `CDN-Cache-Control` (RFC 9213 §2.1). Where it is absent,
 * empty or not a dictionary, undefined: `Cache-Control` counts. Else that one and `Expires` count for nothing.
 */
export function parseTargetedControl(value: string | undefined): AnswerControl | undefined {
  if (value === undefined) return undefined;
  const members = parseDictionary(value);
  if (!members || members.size === 0) return undefined;
  return answerControl(
    (name) => isSet(members.get(name)),
    (name) => namesOf(members.get(name)),
    (name) => secondsOf(members.get(name)),
  );
}

function isSet(member: Member | undefined): boolean {
  return member !== undefined && member !== false;
}

function namesOf(member: Member | undefined): string | undefined {
  return typeof member === "string" ? member : undefined;
}

/** RFC 9213 §2.1: a value of the wrong type is as if the directive were not there. */
function secondsOf(member: Member | undefined): number | undefined {
  if (member === undefined || typeof member !== "object" || !("integer" in member)) return undefined;
  return Math.max(0, member.integer);
}
