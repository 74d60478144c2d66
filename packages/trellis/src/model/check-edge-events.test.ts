import { expect, test } from "vitest";
import { z } from "zod";
import { anyone } from "./actor.ts";
import { app } from "./app.ts";
import { type Block, block, type Delivers } from "./block.ts";
import { contract } from "./contract.ts";
import { plan } from "./plan.ts";
import { redirect } from "./reply.ts";
import { get } from "./route.ts";
import { type Service, service } from "./service.ts";

const inert = (kind: string) =>
  block({
    kind,
    needs: [],
    limits: [],
    open: () => {
      throw new Error("A plan opens nothing");
    },
  }) as Block<string, object> & Delivers<{ code: string }>;

const linksContract = (...headers: string[]) =>
  contract("links", {
    follow: get("/:code", {
      params: z.object({ code: z.string() }),
      returns: redirect(),
      allow: anyone,
      edge: { maxAge: "5m", event: { headers } },
    }),
  });

function links(...headers: string[]): Service {
  return service(linksContract(...headers), {
    uses: { clicks: inert("stream") },
    routes: { follow: () => ({ to: "https://example.com/" }) },
    edgeEvents: { follow: { stream: "clicks", event: ({ params }) => params } },
  });
}

const planOf = (one: Service) => plan(app({ services: [one] }), {});
const refused = (says: RegExp) =>
  expect.objectContaining({ code: "invalid-app", message: expect.stringMatching(says) });

test("a service that maps every route with edge events is planned", () => {
  expect(planOf(links("Referer", "user-agent", "sec-ch-ua")).services.length).toBe(1);
});

test.each(["", "two words", "line\nbreak", "a,b", "ü", "colon:"])("%j is no header of an edge event", (header) => {
  expect(() => planOf(links("referer", header))).toThrow(refused(/cannot be the name of a header/));
});

test.each(["Authorization", "cookie", "X-Forwarded-For", "forwarded"])("%s is never written down", (header) => {
  expect(() => planOf(links("referer", header))).toThrow(refused(/may not be written down/));
});

test("a service that makes no event of them is refused, whoever has silenced its types", () => {
  expect(() => planOf({ ...links(), edgeEvents: {} })).toThrow(refused(/links\.follow.*makes none/));
});

test("events of the edge end in a stream that the service uses", () => {
  const mapping = { stream: "clix", event: () => undefined };
  expect(() => planOf({ ...links(), edgeEvents: { follow: mapping } })).toThrow(refused(/"clix".*no stream/));
  const queue = { ...links(), uses: { clicks: inert("queue") } };
  expect(() => planOf(queue)).toThrow(refused(/"clicks".*no stream/));
});

test("a mapping for a route without edge events is refused", () => {
  const mapping = { stream: "clicks", event: () => undefined };
  const { edgeEvents } = links();
  expect(() => planOf({ ...links(), edgeEvents: { ...edgeEvents, read: mapping } })).toThrow(refused(/links\.read/));
});

test("names that could not stand in a header or a folder's name are refused", () => {
  const mapping = { stream: "my clicks", event: () => undefined };
  const spaced = { ...links(), uses: { "my clicks": inert("stream") }, edgeEvents: { follow: mapping } };
  expect(() => planOf(spaced)).toThrow(refused(/"my clicks" cannot be a name/));
});
