/**
 * What a statement may do, judged by its text alone. `reads` takes no lock and changes nothing, so it may share a
 * connection; `locks` is a select that holds rows; all the rest counts as a change.
 */
export type StatementKind = "reads" | "locks" | "changes";

const quoted = /"(?:[^"]|"")*"|'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g;
const asks = /^\s*(?:\(\s*)*(?:select|with|values|table|show|explain)\b/i;
const changing = /\b(?:insert|update|delete|merge|into|analyze|analyse)\b/i;
/** Functions that change rows, sequences or the session, though they are called in a select. */
const changingCall =
  /\b(?:nextval|setval|set_config|pg_(?:try_)?advisory_\w+|pg_notify|pg_(?:cancel|terminate)_backend|pg_logical_emit_message|lo_\w+|dblink\w*)\s*\(/i;
const locking = /\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b/gi;

/**
 * Judges in doubt that it changes something: a pool's connection serves a read as well, only not as fast. Of an app's own
 * functions nothing is known: one that changes something is called by `db.transaction`.
 */
export function statementKind(text: string): StatementKind {
  const bare = text.replace(quoted, " ");
  if (!asks.test(bare)) return "changes";
  const unlocked = bare.replace(locking, " ");
  if (changing.test(unlocked) || changingCall.test(unlocked)) return "changes";
  return unlocked === bare ? "reads" : "locks";
}
