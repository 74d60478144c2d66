/**
 * What a statement may do, judged by its text alone. `reads` takes no lock and changes nothing, so it may share a
 * connection; `locks` is a select that holds rows; all the rest counts as a change.
 */
export type StatementKind = "reads" | "locks" | "changes";

const quoted = /"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g;
const asks = /^\s*(?:\(\s*)*(?:select|with|values|table|show|explain)\b/i;
const changing = /\b(?:insert|update|delete|merge|into|analyze|analyse)\b/i;
const locking = /\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b/gi;

/** Judges in doubt that it changes something: a pool's connection serves a read as well, only not as fast. */
export function statementKind(text: string): StatementKind {
  const bare = text.replace(quoted, " ");
  if (!asks.test(bare)) return "changes";
  const unlocked = bare.replace(locking, " ");
  if (changing.test(unlocked)) return "changes";
  return unlocked === bare ? "reads" : "locks";
}
