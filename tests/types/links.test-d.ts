/** Links as far as types go: create, follow, list, live clicks, a consumer, a job and a schedule. */
import { cache, database, queue, service, stream } from "trellis";
import { anyone, client, contract, created, events, failure, get, post, redirect, scope } from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { channel } from "./blocks-to-come.ts";

const Link = z.object({ code: z.string(), target: z.url(), version: z.number() });
const NewLink = z.object({ target: z.url(), alias: z.string().optional() });
const Click = z.object({ code: z.string(), at: z.number(), referrer: z.string().nullable() });
const UrlToCheck = z.object({ code: z.string(), target: z.url() });

const AliasTaken = failure("alias-taken", {
  status: 409,
  title: "The alias is taken",
  cure: "Choose another alias, or leave it out.",
  detail: z.object({ alias: z.string() }),
});
const UnknownCode = failure("unknown-code", {
  status: 404,
  title: "No link has this code",
  cure: "Check the address.",
  detail: z.object({ code: z.string() }),
});

export const linksContract = contract("links", {
  shorten: post("/v1/links", {
    body: NewLink,
    returns: created(Link, { at: (link) => `/v1/links/${link.code}` }),
    fails: [AliasTaken],
    allow: scope("links:write"),
  }),
  list: get("/v1/links", {
    query: z.object({ cursor: z.string().optional(), limit: z.coerce.number().max(100).default(20) }),
    returns: z.object({ links: z.array(Link), next: z.string().nullable() }),
  }),
  follow: get("/:code", {
    returns: redirect(),
    fails: [UnknownCode],
    allow: anyone,
    edge: { maxAge: "5m", staleFor: "1h", tags: ({ code }) => [code] },
  }),
  live: get("/v1/links/:code/clicks", { returns: events(Click) }),
});

interface Tables {
  link: { code: string; target: string; version: number; clicks: number };
}

export const links = service(linksContract, {
  uses: {
    db: database<Tables>({ migrations: import.meta.resolve("./migrations/") }),
    hot: cache(Link, { ttl: "1h", staleFor: "1d" }),
    clicks: stream(Click, { key: (click) => click.code, keepFor: "7d" }),
    checkUrl: queue(UrlToCheck, { retries: 5, unique: (job) => job.target }),
    liveClicks: channel(Click),
  },
  routes: {
    shorten: ({ body, actor, once }, { db, hot, checkUrl }) =>
      db.transaction(async (tx) => {
        const link = { code: body.alias ?? actor.workspace, target: body.target, version: 1 };
        const inserted = await db
          .in(tx)
          .insertInto("link")
          .values({ ...link, clicks: 0 })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (inserted.numInsertedOrUpdatedRows === 0n) return AliasTaken({ alias: link.code });
        await hot.in(tx).delete(link.code);
        await checkUrl.in(tx).enqueue(link);
        return once(tx, link);
      }),
    list: async ({ query }, { db }) => {
      expectTypeOf(query.limit).toEqualTypeOf<number>();
      const found = await db.replica.selectFrom("link").selectAll().limit(query.limit).execute();
      return { links: found, next: found.at(-1)?.code ?? null };
    },
    follow: async ({ params, headers, now, actor }, { db, hot, clicks }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly code: string }>();
      expectTypeOf(actor?.id).toEqualTypeOf<string | undefined>();
      const link = await hot.getOrLoad(params.code, () =>
        db.replica.selectFrom("link").selectAll().where("code", "=", params.code).executeTakeFirst(),
      );
      if (!link) return UnknownCode({ code: params.code });
      clicks.spool({ code: link.code, at: now(), referrer: headers.get("referer") });
      return { to: link.target };
    },
    live: ({ params, signal }, { liveClicks }) => liveClicks.subscribe(params.code, signal),
  },
  consumes: {
    clicks: async ({ events, tx }, { db, liveClicks }) => {
      for (const { code } of events)
        await db
          .in(tx)
          .updateTable("link")
          .set((row) => ({ clicks: row("clicks", "+", 1) }))
          .where("code", "=", code)
          .execute();
      for (const click of events) await liveClicks.in(tx).publish(click.code, click);
    },
  },
  works: {
    checkUrl: async ({ job, attempt, log }) => {
      expectTypeOf(job).toEqualTypeOf<{ code: string; target: string }>();
      log.info("checking", { target: job.target, attempt });
    },
  },
  schedules: {
    dropExpired: {
      every: "1d",
      run: async (_, { db }) => void (await db.deleteFrom("link").where("version", "<", 0).execute()),
    },
  },
});

export async function caller() {
  const api = client(linksContract, { url: "https://go.example" });
  const link = await api.shorten({ body: { target: "https://a.example" } });
  expectTypeOf(link).toEqualTypeOf<{ code: string; target: string; version: number }>();
  expectTypeOf(api.list).toBeCallableWith();
  expectTypeOf(api.list).toBeCallableWith({ query: { limit: 5 } });
  const tried = await api.shorten.try({ body: { target: "https://a.example", alias: "x" } });
  if (!tried.ok) {
    expectTypeOf(tried.failure.code).toEqualTypeOf<"alias-taken" | "unavailable">();
    if (tried.failure.code === "alias-taken") return tried.failure.detail.alias;
    return tried.failure.detail.retryAfterMs;
  }
  for await (const click of await api.live({ params: { code: link.code } })) return click.at;
  return undefined;
}
