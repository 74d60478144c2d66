import type { Sql } from "../../../model/sql.ts";
import type { Attempt } from "./attempt.ts";

interface Note {
  readonly attempt: Attempt;
  readonly done: number;
  readonly of: number;
}

/** How far handlers say that they are: written down together now and then, the latest word of each. */
export class ProgressNotes {
  readonly #sql: Sql;
  #notes = new Map<string, Note>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  note(attempt: Attempt, done: number, of: number): void {
    this.#notes.set(attempt.id, { attempt, done, of });
  }

  async write(): Promise<void> {
    const notes = [...this.#notes.values()];
    this.#notes = new Map();
    const workers = new Set(notes.map(({ attempt }) => attempt.worker));
    for (const worker of workers) {
      const own = notes.filter(({ attempt }) => attempt.worker === worker);
      await this.#sql.query(write, [
        own.map(({ attempt }) => attempt.id),
        worker,
        own.map(({ done }) => done),
        own.map(({ of }) => of),
      ]);
    }
  }
}

const write = `
  update trellis.job set
    progress_done = ($3::double precision[])[array_position($1::uuid[], id)],
    progress_of = ($4::double precision[])[array_position($1::uuid[], id)]
  where id = any ($1::uuid[]) and worker = $2 and state = 'running'`;
