import { randomBytes } from "node:crypto";
import { TrellisError } from "../../../model/errors.ts";
import type { Sql } from "../../../model/sql.ts";
import type { SaltSource } from "../../../policies/client-facts/salts.ts";

const saltBytes = 32;

/** The table of salts. */
export const clientMigrations = {
  owner: "trellis:clients",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

// Whoever asks for a day throws away what is older than the day before it: nobody can tell any more whose marks those were.
const makeOrFind = `
  with forgotten as (
    delete from trellis.visitor_salt where day < $1::int - 1
  ), made as (
    insert into trellis.visitor_salt (day, salt) values ($1::int, $2) on conflict (day) do nothing returning salt
  )
  select salt from made
  union all
  select salt from trellis.visitor_salt where day = $1::int`;

/** One salt a day for all instances of the app, made by whoever needs it first. */
export class SaltTable implements SaltSource {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async saltOf(day: number): Promise<Uint8Array> {
    const draft = randomBytes(saltBytes);
    // Nothing comes back where another instance made it at this very moment.
    for (let attempt = 1; attempt <= 3; attempt++) {
      const [found] = await this.#sql.query<{ salt: Uint8Array }>(makeOrFind, [day, draft]);
      if (found) return found.salt;
    }
    throw new TrellisError("unavailable", { says: `The salt of the day ${day} could not be found` });
  }
}
