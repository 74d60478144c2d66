import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import { type Block, block, type Delivers } from "../../../model/block.ts";
import { contract } from "../../../model/contract.ts";
import { edgeEventHeader, edgeRefreshHeader, parseEdgeEventPlan } from "../../../model/edge-event.ts";
import { redirect } from "../../../model/reply.ts";
import { get } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { type OpenShop, openShop } from "./shop.contract.ts";

const Seen = z.object({ refreshes: z.boolean() });
const edge = { maxAge: "5m" } as const;
const linksContract = contract("links", {
  follow: get("/go/:code", {
    returns: redirect(),
    allow: anyone,
    edge: { ...edge, event: { headers: ["Referer", "user-agent"] } },
  }),
  look: get("/look", { returns: Seen, allow: anyone, edge: { ...edge, event: {} } }),
  plain: get("/plain", { returns: Seen, allow: anyone, edge }),
});
const clicks = block({
  kind: "stream",
  needs: [],
  limits: [],
  open: () => ({ handle: {} }),
}) as Block<string, object> & Delivers<object>;
const toEvent = { stream: "clicks", event: () => ({}) } as const;
const links = service(linksContract, {
  uses: { clicks },
  routes: {
    follow: ({ params }) => ({ to: `https://example.com/${params.code}` }),
    look: ({ refreshes }) => ({ refreshes }),
    plain: ({ refreshes }) => ({ refreshes }),
  },
  edgeEvents: { follow: toEvent, look: toEvent },
});
const hosted = { services: [{ service: links, handles: {} }] };
const asRefresh = { [edgeRefreshHeader]: "1" };

describe("an answer that the edge may give again", () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop(hosted);
  });
  afterAll(() => shop.close());

  const planOf = async (path: string) => {
    const { headers } = await fetch(shop.url + path, { redirect: "manual" });
    return parseEdgeEventPlan(headers.get(edgeEventHeader) ?? "");
  };

  it("says what of each time is an event: of which stream, from which route, with which headers", async () => {
    expect(await planOf("/go/a")).toEqual({
      stream: "links.clicks",
      route: "follow",
      headers: ["referer", "user-agent"],
    });
    expect(await planOf("/look")).toEqual({ stream: "links.clicks", route: "look", headers: [] });
  });

  it("says nothing of that where its contract makes no events, nor where the answer is none for the edge", async () => {
    expect(await planOf("/plain")).toBeUndefined();
    const refused = await fetch(`${shop.url}/look?unknown=1`, { method: "POST" });
    expect(refused.headers.get(edgeEventHeader)).toBeNull();
  });

  it("is no refresh of the edge, whatever whoever asks by HTTP says", async () => {
    const answer = await fetch(`${shop.url}/look`, { headers: asRefresh });
    expect(await answer.json()).toEqual({ refreshes: false });
  });
});

test("a handler knows when the gateway asks for the edge's own sake, which only frames can say", async () => {
  const shop = await openShop(hosted, "by frames");
  const seen = async (headers: Record<string, string>) => {
    const answer = await fetch(`${shop.url}/look`, { headers });
    return ((await answer.json()) as z.infer<typeof Seen>).refreshes;
  };
  expect([await seen({}), await seen(asRefresh)]).toEqual([false, true]);
  await shop.close();
});

test("a call of another service is no refresh of the edge", async () => {
  const shop = await openShop(hosted);
  const call = { service: "links", route: "look", method: "GET", params: {}, query: {}, headers: asRefresh };
  const { body } = await shop.http.dispatch(call);
  expect(JSON.parse(String(body))).toEqual({ refreshes: false });
  await shop.close();
});
