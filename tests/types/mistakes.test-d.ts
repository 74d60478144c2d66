/**
 * Programs that are wrong, each refused by the compiler on the line that is wrong. `@ts-expect-error` holds for the next
 * line only, so these also prove that the message points at the mistake and not at the whole service.
 */
import { database, queue, service, stream, type Transaction } from "trellis";
import { anyone, client, contract, created, failure, get, post, redirect, scope } from "trellis/contract";
import { z } from "zod";

const Gone = failure("gone", {
  status: 410,
  title: "Gone",
  cure: "Nothing to do.",
  detail: z.object({ id: z.string() }),
});
const Other = failure("other", { status: 409, title: "Other", cure: "Wait.", detail: z.object({ why: z.string() }) });
const Size = z.object({ size: z.number() });
const things = contract("things", {
  read: get("/things/:id", { returns: z.object({ id: z.string(), size: z.number() }), fails: [Gone], allow: anyone }),
  mine: post("/things", { body: Size, returns: z.object({ id: z.string() }) }),
});
const mine = () => ({ id: "a" });
const read = () => ({ id: "a", size: 1 });
const Job = z.object({ a: z.string() });

// A value of the wrong shape.
service(things, {
  uses: {},
  routes: {
    // @ts-expect-error size is a number
    read: ({ params }) => ({ id: params.id, size: "big" }),
    mine,
  },
});

// A failure that the route does not declare.
service(things, {
  uses: {},
  routes: {
    // @ts-expect-error `other` is not among its failures
    read: () => Other({ why: "" }),
    mine,
  },
});

// A failure with the wrong detail.
// @ts-expect-error the detail of `gone` is an id
Gone({ why: "" });

// A parameter that the path does not have.
service(things, {
  uses: {},
  routes: {
    // @ts-expect-error the path says :id
    read: ({ params }) => ({ id: params.di, size: 1 }),
    mine,
  },
});

// A visitor who may be nobody.
service(things, {
  uses: {},
  routes: {
    // @ts-expect-error anyone may ask, so there may be no actor
    read: ({ actor }) => ({ id: actor.id, size: 1 }),
    mine: ({ actor }) => ({ id: actor.id }),
  },
});

// A body that the route does not take.
service(things, {
  uses: {},
  routes: {
    // @ts-expect-error a GET without a body
    read: ({ body }) => ({ id: "", size: body.size }),
    mine,
  },
});

// A route forgotten, and one too many.
service(things, {
  uses: {},
  // @ts-expect-error `mine` is missing
  routes: { read },
});
service(things, {
  uses: {},
  // @ts-expect-error the contract has no such route
  routes: { read, mine, more: () => 1 },
});

// A block that the service does not use.
service(things, {
  uses: {},
  routes: {
    read,
    // @ts-expect-error it uses no queue
    mine: async (_, { jobs }) => ({ id: String(jobs) }),
  },
});

// A consumer of what is no stream, and of nothing; a worker of what is no queue.
service(things, {
  uses: { jobs: queue(Job) },
  routes: { read, mine },
  // @ts-expect-error a queue has no events
  consumes: { jobs: async () => {} },
});
service(things, {
  uses: { events: stream(Job, { key: (event) => event.a }) },
  routes: { read, mine },
  // @ts-expect-error there is no such block
  consumes: { evnts: async () => {} },
});
service(things, {
  uses: { events: stream(Job, { key: (event) => event.a }) },
  routes: { read, mine },
  // @ts-expect-error a stream gives no jobs
  works: { events: async () => {} },
});

// A job of the wrong shape.
service(things, {
  uses: { jobs: queue(Job) },
  routes: {
    read,
    mine: async (_, { jobs }) => {
      // @ts-expect-error a job is { a }
      await jobs.enqueue({ b: 1 });
      return { id: "a" };
    },
  },
});

// An event of the wrong shape, and a key that is not text.
service(things, {
  uses: { events: stream(Job, { key: (event) => event.a }) },
  routes: {
    read,
    mine: async (_, { events }) => {
      // @ts-expect-error an event is { a }
      await events.append({ b: 1 });
      // @ts-expect-error an event is { a }
      events.spool({ b: 1 });
      return { id: "a" };
    },
  },
});
stream(Job, {
  // @ts-expect-error a key is text
  key: (event) => event.a.length,
});

// A duration, a scope and a path that are none.
stream(Job, {
  key: (event) => event.a,
  // @ts-expect-error "7d"
  keepFor: "7 days",
});
// @ts-expect-error a scope is resource:action
scope("admin");
// @ts-expect-error a path begins with a slash
get("things", { returns: Size });

// A column and a table that are not there; a transaction made by hand.
service(things, {
  uses: { db: database<{ t: { a: string } }>({ migrations: "" }) },
  routes: {
    read: async (_, { db }) => {
      // @ts-expect-error t has no column b
      await db.selectFrom("t").select("b").execute();
      // @ts-expect-error there is no table u
      await db.selectFrom("u").selectAll().execute();
      // @ts-expect-error a transaction comes from db.transaction
      db.in({} satisfies Transaction);
      // @ts-expect-error Kysely's own transactions would escape `in(tx)`
      await db.startTransaction().execute();
      return { id: "", size: 1 };
    },
    mine,
  },
});

// An address computed from what the value does not have.
// @ts-expect-error the value has no id
created(Size, { at: (value) => `/things/${value.id}` });

// A redirect to nowhere.
service(contract("hops", { hop: get("/hop", { returns: redirect() }) }), {
  uses: {},
  routes: {
    // @ts-expect-error `to` is missing
    hop: () => ({ status: 302 as const }),
  },
});

// Callers: the wrong body, missing parameters, a failure that cannot be.
export async function wrongCaller() {
  const api = client(things, { url: "https://t.example" });
  // @ts-expect-error size is a number
  await api.mine({ body: { size: "1" } });
  // @ts-expect-error the id is missing
  await api.read();
  // @ts-expect-error there is no such route
  await api.reed({ params: { id: "1" } });
  const tried = await api.read.try({ params: { id: "1" } });
  // @ts-expect-error `read` cannot fail so
  if (!tried.ok && tried.failure.code === "other") return;
  // @ts-expect-error the value is there only when it is ok
  return tried.value;
}
