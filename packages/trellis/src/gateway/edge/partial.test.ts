import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeWorld, type OriginReply, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld();
});
afterAll(() => world.close());

let paths = 0;
async function kept(...replies: readonly OriginReply[]) {
  const path = `/of-its-own/${++paths}`;
  world.script(path, ...replies);
  return path;
}

const fresh = ["cache-control", "max-age=100", "etag", '"1"'];
const whole: OriginReply = { headers: fresh, body: "0123456789" };
const part = (range: string, body: string, headers: readonly string[] = fresh): OriginReply => ({
  status: 206,
  headers: [...headers, "content-range", `bytes ${range}`],
  body,
});
const ranged = async (path: string, range: string, more: Record<string, string> = {}) => {
  const { status, body, headers } = await world.ask(path, { headers: { range, ...more } });
  return [status, body, headers["content-range"]];
};

test("RFC 9110 §14.2: ranges are answered from what is kept whole", async () => {
  const path = await kept(whole);
  await world.ask(path);
  expect(await ranged(path, "bytes=0-1")).toEqual([206, "01", "bytes 0-1/10"]);
  expect(await ranged(path, "bytes=7-")).toEqual([206, "789", "bytes 7-9/10"]);
  expect(await ranged(path, "bytes=-3")).toEqual([206, "789", "bytes 7-9/10"]);
  expect(await ranged(path, "bytes=10-")).toEqual([416, "", "bytes */10"]);
  expect(await ranged(path, "bytes=0-1,4-5")).toEqual([200, "0123456789", undefined]);
  expect(await ranged(path, "lines=0-1")).toEqual([200, "0123456789", undefined]);
  expect(world.asked(path)).toBe(1);
});

test("RFC 9110 §14.2: a range of a HEAD is ignored", async () => {
  const path = await kept(whole);
  await world.ask(path);
  const head = await world.ask(path, { method: "HEAD", headers: { range: "bytes=0-1" } });
  expect([head.status, head.headers["content-length"]]).toEqual([200, "10"]);
});

test("RFC 9110 §13.1.5: a client that has part of another answer gets the whole", async () => {
  const path = await kept(whole);
  await world.ask(path);
  expect(await ranged(path, "bytes=0-1", { "if-range": '"1"' })).toEqual([206, "01", "bytes 0-1/10"]);
  expect(await ranged(path, "bytes=0-1", { "if-range": '"2"' })).toEqual([200, "0123456789", undefined]);
});

test("RFC 9110 §13.2.2: a client that has all of it is told so before its range counts", async () => {
  const path = await kept(whole);
  await world.ask(path);
  expect(await ranged(path, "bytes=0-1", { "if-none-match": '"1"' })).toEqual([304, "", undefined]);
});

test("RFC 9111 §3.3: a part is kept, and answers for what lies within it", async () => {
  const path = await kept(part("4-8/10", "45678"));
  expect(await ranged(path, "bytes=4-8")).toEqual([206, "45678", "bytes 4-8/10"]);
  expect(await ranged(path, "bytes=5-6")).toEqual([206, "56", "bytes 5-6/10"]);
  expect(await ranged(path, "bytes=4-8")).toEqual([206, "45678", "bytes 4-8/10"]);
  expect(world.asked(path)).toBe(1);
});

test("RFC 9111 §3.3: a part is never given for the whole", async () => {
  const path = await kept(part("0-4/10", "01234"), whole);
  await ranged(path, "bytes=0-4");
  expect(await world.ask(path)).toMatchObject({ status: 200, body: "0123456789" });
});

test("RFC 9111 §3.4: parts of the same answer that touch are joined, at last to the whole", async () => {
  const path = await kept(part("0-4/10", "01234"), part("4-7/10", "4567"), part("8-9/10", "89"));
  await ranged(path, "bytes=0-4");
  await ranged(path, "bytes=4-7");
  expect(await ranged(path, "bytes=2-6")).toEqual([206, "23456", "bytes 2-6/10"]);
  await ranged(path, "bytes=8-9");
  expect(await world.ask(path)).toMatchObject({ status: 200, body: "0123456789", headers: { "content-length": "10" } });
  expect(world.asked(path)).toBe(3);
});

test("RFC 9111 §3.4: parts are not joined without a strong validator that says they are of the same", async () => {
  for (const other of [
    ["cache-control", "max-age=100", "etag", '"2"'],
    ["cache-control", "max-age=100", "etag", 'W/"1"'],
    ["cache-control", "max-age=100"],
  ]) {
    const path = await kept(part("0-4/10", "01234"), part("5-9/10", "abcde", other), whole);
    await ranged(path, "bytes=0-4");
    await ranged(path, "bytes=5-9");
    expect((await world.ask(path)).body).toBe("0123456789");
  }
});

test("RFC 9111 §3.4: the rest of what is kept in part is asked for, and the whole given", async () => {
  const path = await kept(part("0-4/10", "01234"), part("5-9/10", "56789"));
  await ranged(path, "bytes=0-4");
  const answer = await world.ask(path);
  expect([answer.status, answer.body, answer.headers["content-length"], answer.headers["content-range"]]).toEqual([
    200,
    "0123456789",
    "10",
    undefined,
  ]);
  expect(world.asks.at(-1)?.headers).toMatchObject({ range: "bytes=5-", "if-range": '"1"' });
  expect([(await world.ask(path)).body, world.asked(path)]).toEqual(["0123456789", 2]);
});

test("RFC 9110 §13.1.5: where the rest is of another answer, that one comes whole", async () => {
  const path = await kept(part("0-4/10", "01234"), {
    headers: ["cache-control", "max-age=100", "etag", '"2"'],
    body: "another",
  });
  await ranged(path, "bytes=0-4");
  expect(await world.ask(path)).toMatchObject({ status: 200, body: "another" });
});

test("RFC 9110 §15.3.7: a part that is not as long as it says is not kept", async () => {
  const path = await kept(part("4-9/10", "45678"));
  await ranged(path, "bytes=4-9");
  await ranged(path, "bytes=4-9");
  expect(world.asked(path)).toBe(2);
});

test("RFC 9110 §14.2: a range of a stale answer is given once the origin says that it still holds", async () => {
  const path = await kept(whole, { status: 304, headers: fresh });
  await world.ask(path);
  await world.clock.advance(101_000);
  expect(await ranged(path, "bytes=0-1")).toEqual([206, "01", "bytes 0-1/10"]);
  expect(world.asks.at(-1)?.headers).toMatchObject({ "if-none-match": '"1"' });
  expect(world.asks.at(-1)?.headers.range).toBeUndefined();
});
