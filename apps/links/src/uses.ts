import { cache, database, type Handles } from "trellis";
import { z } from "zod";
import { codeMint } from "./code-mint.ts";
import type { Tables } from "./tables.ts";

/** What following a link needs, and no more: the answer itself where there is one. */
const Destination = z.union([z.object({ to: z.string() }), z.object({ archived: z.literal(true) })]);
export type Destination = z.infer<typeof Destination>;

/** The blocks that Links stands on. */
export const uses = {
  db: database<Tables>({ migrations: import.meta.resolve("./migrations/") }),
  /** By code. Changes delete what they change, so a value is old only where the database could not be asked. */
  hot: cache(Destination, { ttl: "1h", staleFor: "1d", negativeFor: "30s" }),
  codes: codeMint(),
};

/** What the use cases are given. */
export type Use = Handles<typeof uses>;
