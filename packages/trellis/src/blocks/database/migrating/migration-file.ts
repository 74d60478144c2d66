import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TrellisError } from "../../../model/errors.ts";

/** One step forward: `0001_create_link.sql`. */
export interface MigrationFile {
  readonly number: number;
  readonly file: string;
  readonly path: string;
  readonly sql: string;
  /** SHA-256 of the text, with line ends as on Unix: what a checkout on Windows changes is no change. */
  readonly hash: string;
}

const nameForm = /^(\d{4})_[a-z0-9][a-z0-9_-]*\.sql$/;

/** The files of a folder in their order. Throws `broken-migration` where they are not 0001, 0002, … without a gap. */
export async function readMigrations(folder: string): Promise<readonly MigrationFile[]> {
  const path = folder.startsWith("file:") ? fileURLToPath(folder) : folder;
  const names = await readdir(path).catch((cause) => {
    throw new TrellisError("broken-migration", {
      says: `The folder of migrations ${path} cannot be read`,
      cure: 'Create it, or correct `migrations` to `import.meta.resolve("../migrations/")`.',
      cause,
    });
  });
  const files = names.filter((name) => !name.startsWith(".") && !/\.md$/i.test(name)).sort();
  files.forEach((name, index) => {
    refuseWrongPlace(name, index + 1, files[index - 1], path);
  });
  return Promise.all(files.map((file, index) => read(join(path, file), file, index + 1)));
}

function refuseWrongPlace(file: string, place: number, before: string | undefined, folder: string): void {
  const number = nameForm.exec(file)?.[1];
  const expected = String(place).padStart(4, "0");
  if (number === expected) return;
  const path = join(folder, file);
  if (number === undefined)
    throw new TrellisError("broken-migration", {
      says: `${path} is not named as a migration is`,
      cure: `Name it as in ${expected}_create_link.sql: four digits, an underscore, lower-case letters.`,
    });
  const twin = before?.startsWith(number);
  throw new TrellisError("broken-migration", {
    says: twin ? `${path} has the same number as ${before}` : `${path} comes where ${expected} is missing`,
    cure: `Number the files without gaps: the next is ${expected}.`,
  });
}

async function read(path: string, file: string, number: number): Promise<MigrationFile> {
  const sql = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
  refuseOwnTransaction(sql, path);
  return { number, file, path, sql, hash: createHash("sha256").update(sql).digest("hex") };
}

const notCode = /\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;
const transactionWord = /(?:^|;)\s*(begin|start\s+transaction|commit|end|rollback|abort)\b/i;

/** A file that commits for itself would leave half of itself behind when the rest fails. */
function refuseOwnTransaction(sql: string, path: string): void {
  const code = sql.replace(notCode, (text) => text.replace(/[^\n]/g, " "));
  const found = transactionWord.exec(code);
  if (!found) return;
  throw new TrellisError("broken-migration", {
    says: `${path}, line ${lineAt(code, found.index + found[0].length)}: ${found[1]} ends or begins a transaction`,
    cure: "Leave it out: each file runs in a transaction of its own.",
  });
}

/** The line, from 1, of the character `index`, from 0. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
