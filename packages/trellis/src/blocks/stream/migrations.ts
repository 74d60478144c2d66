/** The tables of streams, and how events come into them and out of them. */
export const streamMigrations = {
  owner: "trellis:stream",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;
