/** Events of answers that the edge gave: the contract asks for a mapping, and the mapping fits contract and stream. */
import { type EdgeEvent, queue, service, stream } from "trellis";
import { anyone, contract, get, redirect } from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";

const Click = z.object({ code: z.string(), at: z.number(), referrer: z.string().optional() });
const Visit = z.object({ page: z.string(), tags: z.array(z.string()) });
const Code = z.object({ code: z.coerce.number<string>() });

const links = contract("links", {
  follow: get("/:code", {
    returns: redirect(),
    allow: anyone,
    edge: { maxAge: "5m", staleFor: "1h", tags: ({ code }) => [code], event: { headers: ["Referer", "user-agent"] } },
  }),
  page: get("/pages/:page/:part", { returns: redirect(), allow: anyone, edge: { maxAge: "1h", event: {} } }),
  numbered: get("/n/:code", { params: Code, returns: redirect(), allow: anyone, edge: { maxAge: "1h" } }),
});
const uses = {
  clicks: stream(Click, { key: ({ code }) => code }),
  visits: stream(Visit, { key: ({ page }) => page }),
  jobs: queue(Click),
};
const to = () => ({ to: "https://example.com/" });
const routes = { follow: to, page: to, numbered: to };
const frozen: readonly string[] = Object.freeze(["a"]);

service(links, {
  uses,
  routes,
  edgeEvents: {
    follow: {
      stream: "clicks",
      event: async ({ params, at, headers, client, status, method, url }, { jobs, clicks }) => {
        expectTypeOf(params).toEqualTypeOf<{ readonly code: string }>();
        expectTypeOf(headers).toEqualTypeOf<{ readonly referer?: string; readonly "user-agent"?: string }>();
        expectTypeOf(client.visitor).toEqualTypeOf<number | undefined>();
        expectTypeOf<[typeof at, typeof status]>().toEqualTypeOf<[number, number]>();
        expectTypeOf<[typeof method, typeof url]>().toEqualTypeOf<[string, string]>();
        await jobs.enqueue({ code: params.code, at });
        expectTypeOf(clicks.account).toBeFunction();
        if (status >= 400) return undefined;
        return { code: params.code, at, ...(headers.referer ? { referrer: headers.referer } : {}) };
      },
    },
    // A list that nobody may change is good enough, and so is an answer at once.
    page: { stream: "visits", event: ({ params }) => ({ page: params.page + params.part, tags: frozen }) },
  },
});

expectTypeOf<EdgeEvent<(typeof links.routes)["numbered"]>["params"]>().toEqualTypeOf<{ code: number }>();

const plain = contract("plain", {
  read: get("/plain", { returns: redirect(), allow: anyone, edge: { maxAge: "5m" } }),
});
// Nothing to say where no answer is an event.
service(plain, { uses, routes: { read: to } });
service(plain, {
  uses,
  routes: { read: to },
  // @ts-expect-error no answer of this route is an event
  edgeEvents: { read: { stream: "clicks", event: () => undefined } },
});

const page = { stream: "visits", event: () => undefined } as const;

// @ts-expect-error the contract has routes with events
service(links, { uses, routes });
service(links, {
  uses,
  routes,
  // @ts-expect-error the mapping of `follow` is missing
  edgeEvents: { page },
});
service(links, {
  uses,
  routes,
  edgeEvents: {
    page,
    follow: {
      // @ts-expect-error it uses no such stream
      stream: "clix",
      event: () => undefined,
    },
  },
});
service(links, {
  uses,
  routes,
  edgeEvents: {
    page,
    follow: {
      // @ts-expect-error a queue has no events
      stream: "jobs",
      event: () => undefined,
    },
  },
});
service(links, {
  uses,
  routes,
  edgeEvents: {
    page,
    // @ts-expect-error a click has no page
    follow: { stream: "clicks", event: ({ at }) => ({ page: "a", at }) },
  },
});
service(links, {
  uses,
  routes,
  edgeEvents: {
    page,
    // @ts-expect-error another stream's event
    follow: { stream: "visits", event: ({ params, at }) => ({ code: params.code, at }) },
  },
});
service(links, {
  uses,
  routes,
  edgeEvents: {
    page,
    follow: {
      stream: "clicks",
      event: ({ params, at, headers }) => {
        // @ts-expect-error the contract does not name this header
        const language = headers["accept-language"];
        // @ts-expect-error the path says :code
        return { code: params.cod ?? language, at };
      },
    },
  },
});
service(links, {
  uses,
  routes,
  // @ts-expect-error the contract has no such route with events
  edgeEvents: { page, follow: page, numbered: page },
});
