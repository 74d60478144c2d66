import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncNames } from "../../../spool/sync-names.ts";
import type { SpoolTable } from "./spool-table.ts";

/** Marks a folder whose records are all in the stream. Only then may its row go: without it they would look new. */
export const doneSuffix = ".done";

/** Takes a spool out of the world whose records are all in the stream, and whose last count has been reported. */
export async function finishSpool(folder: string, spool: string, table: SpoolTable): Promise<void> {
  const done = `${folder}${doneSuffix}`;
  // Of a spool that has only lost records there is none.
  if (existsSync(folder)) {
    renameSync(folder, done);
    syncNames(dirname(folder));
  }
  await finishDone(done, spool, table);
}

/** What was left where the process ended in the middle of that. */
export async function finishDone(done: string, spool: string, table: SpoolTable): Promise<void> {
  await table.end(spool);
  rmSync(done, { recursive: true, force: true });
}
