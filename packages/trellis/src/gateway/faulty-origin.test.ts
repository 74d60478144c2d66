import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemStopwatch } from "../runtime/system-clock.ts";
import { openGatewayRig } from "./gateway-rig.contract.ts";
import type { Gateway } from "./open-gateway.ts";
import { tableOf, upstreamRule } from "./routing/routing-bench.contract.ts";
import { type Behaviour, type FaultyOrigin, faultyOrigin, well } from "./upstreams/faulty-origin.contract.ts";

/** The whole gateway before an origin that breaks every rule: what its clients see. */
let origin: FaultyOrigin;
let gateway: Gateway;
let port: number;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  origin = await faultyOrigin();
  gateway = openGatewayRig({ settings: { requestTimeoutMs: 2_000 } });
  gateway.apply(tableOf([upstreamRule("origin", { address: { url: origin.url } })], { edge: true, timeoutMs: 400 }));
  port = await gateway.listen({ port: 0, host: "127.0.0.1" });
});

afterAll(async () => {
  agent.destroy();
  await gateway.close();
  await origin.close();
});

afterEach(async () => {
  origin.behave(well);
  for (const path of ["/next", "/again"])
    expect(await get(path), "the next request is untouched").toMatchObject({ status: 200, body: `well ${path}` });
});

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The answer broke off. */
  readonly isBroken: boolean;
}

function get(path = `/${systemStopwatch()}`, method = "GET"): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, method, agent, headers: { accept: "application/json" } });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        body += text;
      });
      const seen = (isBroken: boolean) =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, isBroken });
      answer.on("end", () => seen(false));
      answer.on("error", () => seen(true));
    });
    sent.end();
  });
}

const writes =
  (text: string): Behaviour =>
  (socket) =>
    void socket.write(text);

test.each<[string, Behaviour, number]>([
  ["ends the connection", (socket) => void socket.destroy(), 502],
  ["resets in the head", (socket) => void socket.write("HTTP/1.1 200 OK\r\nx-", () => socket.resetAndDestroy()), 502],
  ["speaks no HTTP", writes("220 mail.example ESMTP\r\n"), 502],
  ["gives two lengths", writes("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"), 502],
  ["sends a head without end", (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(100_000)}`), 502],
  ["floods with interim answers", writes("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200)), 502],
  ["never answers", () => {}, 504],
])("an origin that %s: the client is told so, and nothing about what stands there", async (_, behaviour, status) => {
  origin.behave(behaviour);
  const seen = await get(undefined, "POST");
  expect(seen).toMatchObject({ status, isBroken: false });
  expect(seen.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(seen.body + JSON.stringify(seen.headers)).not.toContain(String(origin.port));
});

test("a body that breaks off is never passed off as whole, nor kept at the edge", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: 100\r\n\r\nhalf", () =>
      socket.resetAndDestroy(),
    );
  });
  expect(await get("/broken").catch(() => ({ isBroken: true }))).toMatchObject({ isBroken: true });
  origin.behave(well);
  expect(await get("/broken")).toMatchObject({ status: 200, body: "well /broken" });
});

test("what an origin adds to its answer reaches nobody", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
  });
  expect(await get()).toMatchObject({ status: 200, body: "ok" });
});

test("bytes on idle connections reach nobody", async () => {
  await get();
  const idle = [...origin.sockets];
  const closed = Promise.all(idle.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  for (const socket of idle) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
  await closed;
  expect(idle.length).toBeGreaterThan(0);
});

test("a slow answer comes as it is sent", async () => {
  origin.behave((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    setImmediate(() => socket.write("3\r\ntwo\r\n0\r\n\r\n"));
  });
  expect(await get()).toMatchObject({ status: 200, body: "onetwo" });
});
