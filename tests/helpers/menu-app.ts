import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Inside the repository, so that `trellis` and `zod` are found; ignored by git. */
const place = join(import.meta.dirname, "../../.trellis/tests");

const migration = `
create table dish (id text primary key, name text not null);
insert into dish values ('soup', 'tomato'), ('cake', 'plum');
`;

const config = `
import { anyone, app, cache, contract, database, edge, get, post, service } from "trellis";
import { z } from "zod";

const Dish = z.object({ name: z.string() });

const menuContract = contract("menu", {
  dish: get("/v1/dishes/:id", {
    returns: Dish,
    allow: anyone,
    edge: { maxAge: "5m", tags: ({ id }) => ["dish " + id] },
  }),
  rename: post("/v1/rename", {
    body: z.object({ id: z.string(), name: z.string(), fails: z.boolean() }),
    returns: z.object({ renamed: z.boolean() }),
    allow: anyone,
  }),
});

const menu = service(menuContract, {
  uses: {
    db: database({ migrations: import.meta.resolve("./migrations/") }),
    hot: cache(Dish, { ttl: "1h" }),
    front: edge(),
  },
  routes: {
    dish: ({ params: { id } }, { db, hot }) =>
      hot.getOrLoad(id, () => db.selectFrom("dish").select("name").where("id", "=", id).executeTakeFirst()),
    rename: async ({ body: { id, name, fails } }, { db, hot, front }) => {
      const done = db.transaction(async (tx) => {
        await front.in(tx).purge("dish " + id);
        await db.in(tx).updateTable("dish").set({ name }).where("id", "=", id).execute();
        await hot.in(tx).delete(id);
        if (fails) throw new Error("It is taken back");
      });
      return { renamed: await done.then(() => true, () => false) };
    },
  },
});

export default app({ services: [menu], instances: { web: 2, worker: 1 } });
`;

/** A small app whose answers are kept at the edge, in a folder of its own, for the length of a test. */
export function menuApp(): { readonly folder: string } {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "menu-"));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "trellis.config.ts"), config);
  writeFileSync(join(folder, "migrations/0001_dish.sql"), migration);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder };
}
