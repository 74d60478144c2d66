import { expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { exchange, get, openRig } from "./front-rig.contract.ts";

it("has a line for each request, written together, without the client's address and what is asked for privately", async () => {
  const clock = testClock();
  const written: string[] = [];
  const { hop, port } = await openRig({ clock, accessLog: (lines) => written.push(lines) });
  hop.script = ({ facts, target }, sink) => {
    facts.service = "links";
    facts.upstream = "web-1@3";
    facts.release = 3;
    facts.tries = 1;
    facts.cache = "fwd=miss";
    if (target === "/b") sink.fail({ reason: "reset", says: "" });
    else sink.whole(200, [], "hello");
  };
  await exchange(port, get("/a?token=secret", "X-Request-Id: one"));
  await exchange(port, get("/b", "X-Request-Id: two"));
  expect(written).toEqual([]);
  await clock.advance(1_000);
  expect(written).toHaveLength(1);
  const lines = (written[0] ?? "").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ time: "2026-01-01T00:00:00.000Z", method: "GET", host: "a", path: "/a", status: 200, bytes: 5, whole: true },
      ...{ ms: 0, service: "links", upstream: "web-1@3", release: 3, cache: "fwd=miss", tries: 1, requestId: "one" },
    },
    expect.objectContaining({ path: "/b", status: 502, requestId: "two" }),
  ]);
  expect(written.join()).not.toMatch(/127\.0\.0\.1|secret/);
});

it("is written when the front closes, however few lines there are", async () => {
  const written: string[] = [];
  const { front, port } = await openRig({ clock: testClock(), accessLog: (lines) => written.push(lines) });
  await exchange(port, get("/"));
  await front.close();
  expect(written).toHaveLength(1);
});
