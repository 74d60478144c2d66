import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import { get } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { openHttp } from "../server/server.ts";
import { rawExchange } from "./raw-exchange.contract.ts";

const mirror = service(
  contract("mirror", { look: get("/", { returns: z.object({ origin: z.string(), ip: z.string() }), allow: anyone }) }),
  { uses: {}, routes: { look: ({ origin, ip }) => ({ origin, ip }) } },
);

test.each([
  ["https://go.example", "https://go.example"],
  ["", "http://10.0.0.7:3000"],
])("with the public address %j a request that names 10.0.0.7:3000 has the origin %j", async (origin, seen) => {
  const http = open({ origin });
  const { body } = await http.dispatch({ ...look, headers: { host: "10.0.0.7:3000" } });
  expect(JSON.parse(String(body))).toEqual({ origin: seen, ip: "" });
  await http.close();
});

test.each([
  ["loopback", { origin: "https://go.example", ip: "203.0.113.9" }],
  ["10.0.0.0/8", { origin: "http://10.0.0.7:3000", ip: "127.0.0.1" }],
])("where %s is trusted, a handler sees %j of a request that was forwarded", async (trustedProxies, seen) => {
  const http = open({ trustedProxies });
  const server = http.newServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const forwarded = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: go.example\r\n";
  const answer = await rawExchange(
    port,
    `GET / HTTP/1.1\r\nHost: 10.0.0.7:3000\r\n${forwarded}Connection: close\r\n\r\n`,
  );
  expect(JSON.parse(answer.toString().split("\r\n\r\n")[1] ?? "")).toEqual(seen);
  await http.close();
});

const look = { service: "mirror", route: "look", method: "GET", params: {}, query: {} };

function open(settings: { readonly origin?: string; readonly trustedProxies?: string }) {
  return openHttp({
    services: [{ service: mirror, handles: {} }],
    settings: {
      bodyBytesMax: 1_024,
      headersBytesMax: 1_024,
      requestTimeoutMs: 1_000,
      drainTimeoutMs: 1_000,
      logRequests: "no",
      ...settings,
    },
    mode: "test",
    clock: testClock(),
    random: testRandom(),
    log: silentLog,
    secret: "",
  });
}
