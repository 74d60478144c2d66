import { DatabaseError as ServerError } from "pg";
import { type ErrorCode, type ErrorFacts, TrellisError } from "../../../model/errors.ts";

/** What PostgreSQL or the way to it refused, with the names that a program may branch on. */
export class DatabaseError extends TrellisError {
  /** PostgreSQL's five characters, such as `23505`; undefined where the server was not reached. */
  readonly sqlState: string | undefined;
  /** The constraint that was violated, such as `link_pkey`. */
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts & { readonly cause: unknown }) {
    super(code, facts);
    const server = facts.cause instanceof ServerError ? facts.cause : undefined;
    this.sqlState = server?.code;
    this.constraint = server?.constraint;
    this.table = server?.table;
    this.column = server?.column;
  }
}

/**
 * The error in Trellis's words. What the program got wrong, such as a table that is not there, has no code of the
 * catalogue: that is a defect, and an ordinary error with the statement in it.
 */
export function databaseError(cause: unknown, statement?: string): Error {
  if (cause instanceof TrellisError) return cause;
  if (isConnectionLost(cause)) return new DatabaseError("database-unreachable", { says: messageOf(cause), cause });
  if (!(cause instanceof ServerError)) return cause instanceof Error ? cause : new Error(String(cause));
  const code = codes[cause.code ?? ""];
  if (code !== undefined) return new DatabaseError(code, { ...says(code, cause), cause });
  return new Error(`${cause.message}${statement === undefined ? "" : `, in: ${statement}`}`, { cause });
}

/** Whether the server was not there, or the connection to it ended. A statement then may or may not have run. */
export function isConnectionLost(cause: unknown): boolean {
  if (cause instanceof DatabaseError) return cause.code === "database-unreachable";
  const code = codeOf(cause);
  if (cause instanceof ServerError) return /^(08|25P0[34]|57P0[1-5])/.test(code) || notAdmitted.has(code);
  return (
    socketErrors.has(code) ||
    /^(Connection terminated|Client (has encountered|was closed)|timeout expired)/.test(messageOf(cause))
  );
}

/** Whether waiting can help: a server that starts, or that nobody has started yet. A wrong password stays wrong. */
export function mayComeBack(cause: unknown): boolean {
  return isConnectionLost(cause) && !wrongForever.has(codeOf(cause instanceof DatabaseError ? cause.cause : cause));
}

/** Whether the same transaction, run again from its beginning, may succeed. */
export function isWorthRepeating(cause: unknown): boolean {
  return cause instanceof DatabaseError && cause.code === "serialization-failure";
}

/** A table was changed under a prepared statement, which must be prepared anew. Nothing was run. */
export function isStalePlan(cause: unknown): boolean {
  return cause instanceof ServerError && cause.code === "0A000" && cause.routine === "RevalidateCachedQuery";
}

const codes: Readonly<Record<string, ErrorCode>> = {
  "23502": "not-null-violation",
  "23503": "foreign-key-violation",
  "23505": "unique-violation",
  "23514": "check-violation",
  "40001": "serialization-failure",
  "40P01": "serialization-failure",
  "53100": "disk-full",
  "57014": "statement-timeout",
};

const wrongForever = new Set(["28000", "28P01", "3D000", "ENOTFOUND", "EACCES"]);
// Also a refusal of the server's is "unreachable" to those who only want an answer.
const notAdmitted = new Set(["53300", "28000", "28P01", "3D000"]);
const socketErrors = new Set([
  "EACCES",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Says which rule, never which values: what it says may reach the caller. */
function says(code: ErrorCode, { constraint, table, column }: ServerError): ErrorFacts {
  if (code === "not-null-violation") return { says: `${table}.${column} must have a value` };
  if (constraint !== undefined) return { says: `The rule ${constraint} of ${table} forbids it` };
  return {};
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? cause.message : String(cause);
}
