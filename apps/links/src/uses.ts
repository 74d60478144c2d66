import { cache, database, edge, type Handles, stream } from "trellis";
import { z } from "zod";
import { Click } from "./clicks/click.ts";
import { clickFacts } from "./clicks/facts/click-facts.ts";
import { liveClicks } from "./clicks/live/live-clicks.ts";
import { codeMint } from "./code-mint.ts";
import type { Tables } from "./tables.ts";

/** What following a link needs, and no more: the answer itself where there is one, and whose click it is. */
const Destination = z.union([
  z.object({ to: z.string(), id: z.int() }),
  z.object({ archived: z.literal(true), id: z.int() }),
]);
export type Destination = z.infer<typeof Destination>;

/** The blocks that Links stands on. */
export const uses = {
  db: database<Tables>({ migrations: import.meta.resolve("./migrations/") }),
  /** By code. Changes delete what they change, so a value is old only where the database could not be asked. */
  hot: cache(Destination, { ttl: "1h", staleFor: "1d", negativeFor: "30s" }),
  /** Redirects that gateways keep, by code: whoever changes a link purges it with the same commit. */
  edge: edge(),
  codes: codeMint(),
  /** What tells where a click comes from. */
  facts: clickFacts(),
  /** In the order of each link. Large batches: the many clicks of a few links are few rows. */
  clicks: stream(Click, { key: ({ link }) => String(link), keepFor: "7d", batch: 5_000 }),
  live: liveClicks(),
};

/** What the use cases are given. */
export type Use = Handles<typeof uses>;
