import { type Block, block } from "../../model/block.ts";
import type { Database } from "./database-handle.ts";
import { databaseEngine } from "./port.ts";
import { serviceSchema } from "./service-schema.ts";

/** A column that the database fills in where an insert leaves it out. */
export type { Generated } from "kysely";
export type { Database, Queries } from "./database-handle.ts";

export interface DatabaseOptions {
  /** The folder of `0001_NAME.sql`, `0002_NAME.sql`, …: `import.meta.resolve("./migrations/")`, or a path. */
  readonly migrations: string;
}

/** Declares a service's own tables: one schema of PostgreSQL, which no other service reads. */
export function database<Tables>(options: DatabaseOptions): Block<"database", Database<Tables>> {
  return block<"database", Database<Tables>>({
    kind: "database",
    needs: [databaseEngine],
    limits: [],
    migrations: options.migrations,
    open: async ({ service, engine }) => {
      const databases = engine(databaseEngine);
      // Kysely is 255 modules: who only reads declarations, as a supervisor does, need not load them.
      const { databaseHandle } = await import("./database-handle.ts");
      await databases.migrate({ owner: service, schema: serviceSchema(service), folder: options.migrations });
      const own = databases.service(service);
      return {
        handle: databaseHandle<Tables>(own),
        healthy: () => databases.healthy(),
        stats: () => own.stats(),
      };
    },
  });
}
