/** What a queue's declaration makes of its handle and of the handler that works it. */
import { database, queue, service } from "trellis";
import { anyone, contract, post } from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";

const Sum = z.object({
  a: z.number(),
  at: z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  }),
});
const Total = z.object({ total: z.number() });
const sums = contract("sums", {
  add: post("/sums", { body: z.object({ a: z.number() }), returns: Total, allow: anyone }),
});
const uses = {
  db: database<{ sum: { a: number } }>({ migrations: "./migrations/" }),
  add: queue(Sum, { returns: Total, unique: (job) => job.at.toISOString() }),
  tell: queue(Total),
};

export const good = service(sums, {
  uses,
  routes: {
    add: async ({ body }, { add, tell }) => {
      const id = await add.enqueue({ a: body.a, at: new Date() }, { delay: "1s", priority: 5 });
      expectTypeOf(add.result(id)).resolves.toEqualTypeOf<{ total: number }>();
      expectTypeOf(tell.result(id)).resolves.toEqualTypeOf<void>();
      expectTypeOf((await add.find(id))?.result).toEqualTypeOf<{ total: number } | undefined>();
      return add.result(id);
    },
  },
  works: {
    add: async ({ job, complete, signal }, { db }) => {
      expectTypeOf(job).toEqualTypeOf<{ a: number; at: Date }>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      const result = { total: job.a };
      await db.transaction((tx) => complete(tx, result));
      return result;
    },
    tell: async ({ complete }, { db }) => db.transaction((tx) => complete(tx)),
  },
});

service(sums, {
  uses,
  routes: {
    add: async (_, { add }) => {
      // @ts-expect-error a date is a date here: its codec makes text of it
      await add.enqueue({ a: 1, at: "2026-01-01T00:00:00Z" });
      // @ts-expect-error "soon" is no duration
      await add.enqueue({ a: 1, at: new Date() }, { delay: "soon" });
      return { total: 1 };
    },
  },
  works: {
    // @ts-expect-error it promises a total
    add: async () => ({ sum: 1 }),
    tell: async ({ complete }, { db }) => {
      // @ts-expect-error it has no result to complete with
      await db.transaction((tx) => complete(tx, { total: 1 }));
    },
  },
});

service(sums, {
  uses,
  routes: { add: async () => ({ total: 1 }) },
  works: {
    add: async ({ complete }, { db }) => {
      // @ts-expect-error it completes with its result
      await db.transaction((tx) => complete(tx));
      return { total: 1 };
    },
  },
});

// @ts-expect-error a key is text
queue(Sum, { unique: (job) => job.a });
