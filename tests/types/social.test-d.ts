/** Social as far as types go: a batch of posts ingested exactly once, autocomplete, a report run in its own instances. */
import { app, cache, database, queue, service, stream } from "trellis";
import { contract, get, post, scope } from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";

const Page = z.object({ id: z.string(), name: z.string(), followers: z.number() });
const Post = z.object({ uri: z.string(), author: z.string(), text: z.string(), atUs: z.number() });
/** Travels as text, is a Date in handlers and for callers. */
const Moment = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
const Report = z.object({
  id: z.string(),
  state: z.enum(["waiting", "running", "ready"]),
  done: z.number(),
  at: Moment,
});

export const mentionsContract = contract("mentions", {
  complete: get("/v1/pages", {
    query: z.object({ prefix: z.string(), limit: z.coerce.number().default(10) }),
    returns: z.array(Page),
  }),
});

export const mentions = service(mentionsContract, {
  uses: {
    db: database<{ page: z.infer<typeof Page> }>({ migrations: import.meta.resolve("./migrations/") }),
    top: cache(z.array(Page), {
      ttl: "10s",
      key: (ask: { prefix: string; limit: number }) => `${ask.limit}:${ask.prefix}`,
    }),
  },
  routes: {
    complete: ({ query }, { db, top }) =>
      top.getOrLoad(query, () =>
        db.replica
          .selectFrom("page")
          .selectAll()
          .where("name", "like", `${query.prefix}%`)
          .orderBy("followers", "desc")
          .limit(query.limit)
          .execute(),
      ),
  },
});

export const firehose = service(contract("firehose", {}), {
  uses: {
    db: database<{ post: z.infer<typeof Post>; minute: { at: number; posts: number } }>({
      migrations: import.meta.resolve("./migrations/"),
    }),
    posts: stream(Post, { key: (post) => post.author, keepFor: "2d" }),
  },
  routes: {},
  consumes: {
    posts: async ({ events, tx }, { db }) => {
      expectTypeOf(events).toEqualTypeOf<readonly z.infer<typeof Post>[]>();
      const fresh = await db
        .in(tx)
        .insertInto("post")
        .values([...events])
        .onConflict((conflict) => conflict.doNothing())
        .returning("atUs")
        .execute();
      await db
        .in(tx)
        .insertInto("minute")
        .values({ at: fresh[0]?.atUs ?? 0, posts: fresh.length })
        .execute();
    },
  },
});

export const reportsContract = contract("reports", {
  start: post("/v1/reports", {
    body: z.object({ from: z.iso.date(), to: z.iso.date() }),
    returns: Report,
    allow: scope("reports:write"),
  }),
  read: get("/v1/reports/:id", { returns: Report }),
});

export const reports = service(reportsContract, {
  uses: {
    db: database<{ report: { id: string; state: "waiting" | "running" | "ready"; done: number; at: Date } }>({
      migrations: import.meta.resolve("./migrations/"),
    }),
    runs: queue(z.object({ report: z.string() }), { timeout: "30m", retries: 2 }),
  },
  routes: {
    start: ({ now }, { db, runs }) =>
      db.transaction(async (tx) => {
        const report = { id: "r1", state: "waiting" as const, done: 0, at: new Date(now()) };
        await db.in(tx).insertInto("report").values(report).execute();
        await runs.in(tx).enqueue({ report: report.id });
        return report;
      }),
    read: ({ params }, { db }) =>
      db.replica.selectFrom("report").selectAll().where("id", "=", params.id).executeTakeFirstOrThrow(),
  },
  works: {
    runs: async ({ job, progress, signal }) => {
      signal.throwIfAborted();
      progress(1, job.report.length);
    },
  },
  schedules: {
    weekly: {
      cron: "0 6 * * 1",
      zone: "Europe/Paris",
      run: async (_, { runs }) => void (await runs.enqueue({ report: "weekly" })),
    },
  },
});

export const social = app({ services: [mentions, firehose, reports], instances: { web: 2, worker: 2 } });
