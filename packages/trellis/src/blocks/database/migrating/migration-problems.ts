/** What a release that runs could not live with, if it were done beside it. */
export interface MigrationProblem {
  /** Of the statement, counted from 1. */
  readonly line: number;
  readonly says: string;
}

/** A statement of the parse tree (the names are PostgreSQL's own, src/include/nodes/parsenodes.h): its kind, and its parts. */
type Node = Readonly<Record<string, unknown>>;

interface ParsedStatement {
  readonly stmt?: Node;
  /** Bytes from the start of the text to its first word. */
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

/** `-- contract: REASON` before a statement: nobody uses any more what it takes away. */
const contractMark = /^\s*--\s*contract:\s*\S/m;

const cure = "expand first, and contract in a later release with `-- contract: REASON` before it";

/**
 * The statements of a migration that may only run when the release before is gone: whatever takes away, renames or
 * narrows what that release uses. Judged by PostgreSQL's own parser. A text that does not parse has none: running it says why.
 */
export async function migrationProblems(text: string): Promise<readonly MigrationProblem[]> {
  const bytes = Buffer.from(text);
  const statements = await parsed(text);
  const made = new Set(statements.flatMap(({ stmt }) => madeTable(stmt ?? {})));
  return statements.flatMap(({ stmt = {}, stmt_location: from = 0 }, index) => {
    const says = problemOf(stmt, made);
    const { stmt_location: before = 0, stmt_len: length = 0 } = statements[index - 1] ?? {};
    const comments = bytes.subarray(before + length, from).toString();
    if (says === undefined || contractMark.test(comments)) return [];
    return [{ line: bytes.subarray(0, from).toString().split("\n").length, says: `${says}; ${cure}` }];
  });
}

async function parsed(text: string): Promise<readonly ParsedStatement[]> {
  // Loaded when a release is made: instances do without.
  const { parse } = await import("libpg-query");
  return parse(text).then(
    ({ stmts = [] }: { readonly stmts?: readonly ParsedStatement[] }) => stmts,
    () => [],
  );
}

function madeTable(stmt: Node): readonly string[] {
  const made = part(stmt, "CreateStmt") ?? part(part(stmt, "CreateTableAsStmt"), "into");
  const name = made && (tableOf(made) ?? part(made, "rel")?.relname);
  return typeof name === "string" ? [name] : [];
}

function problemOf(stmt: Node, made: ReadonlySet<string>): string | undefined {
  const [kind = ""] = Object.keys(stmt);
  const body = part(stmt, kind) ?? {};
  const table = tableOf(body);
  // What this migration makes itself, nobody uses yet.
  if (table !== undefined && made.has(table)) return undefined;
  return judges[kind]?.(body);
}

const judges: Readonly<Record<string, (body: Node) => string | undefined>> = {
  DropStmt: ({ removeType }) =>
    removeType === "OBJECT_INDEX" ? undefined : `it drops ${thing(removeType)} that the release before may use`,
  RenameStmt: ({ renameType }) =>
    renameType === "OBJECT_INDEX" || renameType === "OBJECT_TABCONSTRAINT"
      ? undefined
      : `it renames ${thing(renameType)} that the release before knows by its old name`,
  AlterObjectSchemaStmt: () => "it moves something that the release before looks for in its old place",
  TruncateStmt: () => "it empties a table that the release before uses",
  DoStmt: () => "what its code does cannot be seen before it runs",
  IndexStmt: ({ unique }) => (unique ? "it forbids doubles that the release before may write" : undefined),
  AlterTableStmt: ({ cmds }) => {
    for (const cmd of Array.isArray(cmds) ? cmds : []) {
      const says = alterProblem(part(cmd as Node, "AlterTableCmd") ?? {});
      if (says !== undefined) return says;
    }
    return undefined;
  },
};

/** Changes of a table with which whoever knows it as it was goes on reading and writing. */
const harmless: ReadonlySet<unknown> = new Set([
  "AT_DropNotNull",
  "AT_DropConstraint",
  "AT_ValidateConstraint",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_SetCompression",
  "AT_SetRelOptions",
  "AT_ResetRelOptions",
  "AT_AttachPartition",
  "AT_ClusterOn",
  "AT_ReplicaIdentity",
  "AT_EnableTrig",
]);

function alterProblem({ subtype, name, def }: Node): string | undefined {
  if (harmless.has(subtype)) return undefined;
  switch (subtype) {
    case "AT_AddColumn":
      return columnProblem(part(def as Node | undefined, "ColumnDef") ?? {});
    case "AT_ColumnDefault":
      return def ? undefined : `it drops the default of ${name}, which the release before may leave to it`;
    case "AT_DropColumn":
      return `it drops the column ${name}, which the release before may use`;
    case "AT_AlterColumnType":
      return `it changes the type of ${name}, which the release before reads and writes as it was`;
    case "AT_SetNotNull":
      return `it forbids ${name} to be null, as which the release before may write it`;
    case "AT_AddConstraint":
      return "it adds a rule that rows of the release before may break";
    default:
      return `it changes the table in a way (${String(subtype)}) that the release before may not live with`;
  }
}

/** A column that whoever does not know it cannot fill. */
function columnProblem({ colname, constraints }: Node): string | undefined {
  const kinds = (Array.isArray(constraints) ? constraints : []).map(
    (each) => part(each as Node, "Constraint")?.contype,
  );
  const isFilled = ["CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"].some((kind) => kinds.includes(kind));
  const isNeeded = kinds.includes("CONSTR_NOTNULL") || kinds.includes("CONSTR_PRIMARY");
  return isNeeded && !isFilled
    ? `the release before does not fill the new column ${colname}, which may not be null`
    : undefined;
}

function tableOf(body: Node): string | undefined {
  const name = part(body, "relation")?.relname;
  return typeof name === "string" ? name : undefined;
}

/** `OBJECT_MATVIEW` in words. */
function thing(type: unknown): string {
  return `a ${String(type).replace("OBJECT_", "").replaceAll("_", " ").toLowerCase()}`;
}

function part(node: Node | undefined, name: string): Node | undefined {
  const value = node?.[name];
  return typeof value === "object" && value !== null ? (value as Node) : undefined;
}
