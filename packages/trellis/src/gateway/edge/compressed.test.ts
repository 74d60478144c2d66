import { afterAll, beforeAll, expect, test } from "vitest";
import { compressingHop } from "../compression/compressing-hop.ts";
import { type EdgeWorld, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld({}, compressingHop);
});
afterAll(() => world.close());

let paths = 0;
const newPath = () => `/of-its-own/${++paths}`;
const text = "a text that gets smaller ".repeat(100);
const headers = ["cache-control", "max-age=10", "etag", '"1"', "content-type", "text/plain"];
const gzip = { headers: { "accept-encoding": "gzip" } };

test("RFC 9110 §12.5.5: each client gets what it can read of what the gateway compressed, also after a 304", async () => {
  const path = newPath();
  const varied = [...headers, "vary", "origin"];
  world.script(path, { headers: varied, body: text });
  const compressed = await world.ask(path, gzip);
  expect(compressed.headers).toMatchObject({ "content-encoding": "gzip", etag: 'W/"1"' });
  await world.clock.advance(11_000);
  world.script(path, { status: 304, headers: varied });
  expect((await world.ask(path, gzip)).headers["cache-status"]).toBe("trellis; fwd=stale; fwd-status=304; stored");
  world.script(path, { headers: varied, body: text });
  const again = await world.ask(path, gzip);
  expect([again.headers["cache-status"], again.headers.etag]).toEqual(["trellis; hit; ttl=10", 'W/"1"']);
  const plain = await world.ask(path);
  expect([plain.body, plain.headers["content-encoding"]]).toEqual([text, undefined]);
});

test("RFC 9111 §4.3.5: a HEAD whose answer has no length makes what is kept as it was fresh again", async () => {
  const path = newPath();
  world.script(path, { headers, body: "short" }, { headers, chunked: true });
  await world.ask(path, gzip);
  await world.clock.advance(11_000);
  expect((await world.ask(path, { method: "HEAD", ...gzip })).headers["content-encoding"]).toBeUndefined();
  const again = await world.ask(path, gzip);
  expect([again.body, again.headers["cache-status"]]).toEqual(["short", "trellis; hit; ttl=10"]);
});
