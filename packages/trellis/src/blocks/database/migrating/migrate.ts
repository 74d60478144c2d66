import { DatabaseError as ServerError } from "pg";
import { TrellisError } from "../../../model/errors.ts";
import type { Sql } from "../../../model/sql.ts";
import type { OwnConnection } from "../connections/connector.ts";
import { databaseError } from "../connections/database-error.ts";
import type { AppliedMigration, Migrations } from "../port.ts";
import { lineAt, type MigrationFile, readMigrations } from "./migration-file.ts";

/** Opens a connection whose statements may take as long as they take. */
export type Connect = () => Promise<OwnConnection>;

/**
 * Runs the files that have not run yet, each in a transaction, and returns them. Many instances may ask at once: one
 * runs them while the others wait, and then find nothing left to do. Throws `broken-migration`, with nothing kept of the
 * file that failed, or `changed-migration`.
 */
export async function migrate(
  sql: Sql,
  connect: Connect,
  migrations: Migrations,
): Promise<readonly AppliedMigration[]> {
  const files = await readMigrations(migrations.folder);
  // Most starts find nothing to do. They need no connection of their own, and wait for nobody who has more to do.
  if (files.length > 0 && (await pendingAmong(files, sql, migrations.owner)).length === 0) return [];
  const own = await connect();
  const alone = sqlOn(own);
  try {
    // Held until the connection ends, so that a runner that is killed keeps nobody waiting.
    await alone.query("select pg_advisory_lock(hashtextextended('trellis:migration', 0))");
    await own.connection.runScript(bootstrap(migrations.schema));
    const pending = await notYetRun(alone, migrations.owner, files);
    for (const file of pending) await runFile(own, migrations, file);
    return pending.map(({ number, file }) => ({ owner: migrations.owner, number, file }));
  } finally {
    await own.end();
  }
}

/** What `migrate` would run. Changes nothing. */
export async function pendingMigrations(sql: Sql, { owner, folder }: Migrations): Promise<readonly AppliedMigration[]> {
  const pending = await pendingAmong(await readMigrations(folder), sql, owner);
  return pending.map(({ number, file }) => ({ owner, number, file }));
}

async function pendingAmong(
  files: readonly MigrationFile[],
  sql: Sql,
  owner: string,
): Promise<readonly MigrationFile[]> {
  const [known] = await sql.query<{ there: boolean }>("select to_regclass('trellis.migration') is not null as there");
  return known?.there ? notYetRun(sql, owner, files) : files;
}

const bootstrap = (schema: string) => `
  create schema if not exists trellis;
  create table if not exists trellis.migration (
    owner text not null,
    number int not null,
    name text not null,
    hash text not null,
    at timestamptz not null default now(),
    primary key (owner, number)
  );
  create schema if not exists "${schema}";
`;

async function notYetRun(sql: Sql, owner: string, files: readonly MigrationFile[]): Promise<MigrationFile[]> {
  const ran = await sql.query<{ number: number; name: string; hash: string }>(
    "select number, name, hash from trellis.migration where owner = $1 order by number",
    [owner],
  );
  for (const { number, name, hash } of ran) {
    const file = files[number - 1];
    if (file === undefined)
      throw new TrellisError("changed-migration", {
        says: `${owner}: ${name} has run on this database, but the file is not there`,
        cure: "Use the release that has it, or restore the file.",
      });
    if (file.hash !== hash)
      throw new TrellisError("changed-migration", { says: `${file.path} was changed after it ran` });
  }
  return files.slice(ran.length);
}

async function runFile(own: OwnConnection, { owner, schema }: Migrations, file: MigrationFile): Promise<void> {
  const { connection } = own;
  const sql = sqlOn(own);
  await sql.query("begin");
  try {
    await connection.runScript(`set local search_path to "${schema}", public`);
    await connection.runScript(file.sql).catch((cause) => {
      throw brokenMigration(file, cause);
    });
    await sql.query("insert into trellis.migration (owner, number, name, hash) values ($1, $2, $3, $4)", [
      owner,
      file.number,
      file.file,
      file.hash,
    ]);
    await sql.query("commit");
  } catch (cause) {
    if (!connection.lost) await sql.query("rollback");
    throw cause;
  }
}

/** Names the file, the line and what PostgreSQL said. A full disk or a lost server is no fault of the file's. */
function brokenMigration({ path, sql }: MigrationFile, cause: unknown): Error {
  const known = databaseError(cause);
  const { code } = known as Partial<TrellisError>;
  if (code === "disk-full" || code === "database-unreachable" || !(cause instanceof ServerError)) return known;
  const line = cause.position === undefined ? "" : `, line ${lineAt(sql, Number(cause.position) - 1)}`;
  return new TrellisError("broken-migration", { says: `${path}${line}: ${cause.message}`, cause });
}

function sqlOn({ connection }: OwnConnection): Sql {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const { rows } = await connection.run({ text, values });
      return rows as Row[];
    },
  };
}
