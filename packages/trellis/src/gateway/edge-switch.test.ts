import { expect, test } from "vitest";
import { EdgeSwitch } from "./edge-switch.ts";
import type { Hop } from "./exchange.ts";
import { Collector, gatewayRequest } from "./upstreams/ask.contract.ts";

const answering = (name: string, cache?: string): Hop => {
  const answer: Hop["forward"] = (request, sink) => {
    request.facts.cache = cache;
    sink.whole(200, [], name);
    return { resume: () => undefined, abort: () => undefined };
  };
  return { forward: answer, upgrade: answer };
};

const service = (name: string, edge?: boolean) => ({ name, pool: "p", ...(edge === undefined ? {} : { edge }) });

async function ask(hop: Hop, name: string, way: "forward" | "upgrade" = "forward"): Promise<string> {
  const sink = new Collector();
  hop[way](gatewayRequest({ facts: { ...gatewayRequest().facts, service: name } }), sink);
  return (await sink.answer).body;
}

test("only services that allow it are asked of the edge, and never a request to switch protocols", async () => {
  const hop = new EdgeSwitch({ edge: answering("edge"), past: answering("past") });
  hop.apply({ services: [service("kept", true), service("not", false), service("silent")] });
  expect(await ask(hop, "kept")).toBe("edge");
  for (const name of ["not", "silent", "unknown"]) expect(await ask(hop, name)).toBe("past");
  expect(await ask(hop, "kept", "upgrade")).toBe("past");
});

test("what a paused service has in the edge waits with everything else that it is asked", async () => {
  const hop = new EdgeSwitch({ edge: answering("edge", "hit"), past: answering("held") });
  hop.apply({ services: [{ ...service("kept", true), holdMs: 1_000 }] });
  expect(await ask(hop, "kept")).toBe("held");
  hop.apply({ services: [service("kept", true)] });
  expect(await ask(hop, "kept")).toBe("edge");
});

test("hits are counted by service, also through a change of the table", async () => {
  const hits = new EdgeSwitch({ edge: answering("edge", "hit; ttl=3"), past: answering("past") });
  hits.apply({ services: [service("a", true), service("b", true)] });
  await ask(hits, "a");
  hits.apply({ services: [service("a", true)] });
  await ask(hits, "a");
  expect([hits.hits("a"), hits.hits("b")]).toEqual([2, 0]);
  const misses = new EdgeSwitch({ edge: answering("edge", "fwd=uri-miss"), past: answering("past") });
  misses.apply({ services: [service("a", true)] });
  await ask(misses, "a");
  expect(misses.hits("a")).toBe(0);
});
