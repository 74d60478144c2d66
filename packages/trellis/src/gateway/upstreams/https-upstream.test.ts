import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { type CertificatePair, makeAuthority, makeCertificate } from "../tls/local-authority.ts";
import { ask, Collector, gatewayRequest } from "./ask.contract.ts";
import { listening } from "./faulty-origin.contract.ts";
import { openHttpUpstream } from "./open-http-upstream.ts";

const authority = await makeAuthority("Test", Date.now());

/** An origin that tells by which name it was called in TLS, and by which host in HTTP. */
async function secureOrigin({ cert, key }: CertificatePair) {
  let connections = 0;
  const server = createServer({ cert, key }, (request, answer) => {
    const { servername } = request.socket as TLSSocket;
    answer.end(`${servername || "no name"} ${request.headers.host} ${request.method} ${request.url}`);
  });
  server.on("secureConnection", () => {
    connections += 1;
  });
  server.on("upgrade", (_, socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nswitched");
  });
  const port = await listening(server);
  return {
    port,
    connections: () => connections,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("the certificate is checked against the origin's own name, and the client's host is passed on", async () => {
  const origin = await secureOrigin(await makeCertificate(authority, ["localhost"], Date.now()));
  const upstream = openHttpUpstream({
    address: { url: `https://localhost:${origin.port}` },
    authorities: [authority.cert],
    connectionsMax: 1,
  });
  for (const host of ["shop.example", "other.example"])
    expect(await ask(upstream, { headers: ["host", host] })).toMatchObject({ body: `localhost ${host} GET /` });
  expect(origin.connections()).toBe(1);
  const sink = new Collector();
  upstream.upgrade(gatewayRequest({ headers: ["host", "shop.example", "upgrade", "x"] }), sink);
  await new Promise<void>((resolve) => {
    sink.onSwitched = resolve;
  });
  await sink.side?.hasReceived("switched");
  upstream.close();
  origin.close();
});

test("an origin by its address is asked without a name, and its certificate must be of the address", async () => {
  const good = await secureOrigin(await makeCertificate(authority, ["127.0.0.1"], Date.now()));
  const bad = await secureOrigin(await makeCertificate(authority, ["localhost"], Date.now()));
  const authorities = [authority.cert];
  const toGood = openHttpUpstream({ address: { url: `https://127.0.0.1:${good.port}` }, authorities });
  const toBad = openHttpUpstream({ address: { url: `https://127.0.0.1:${bad.port}` }, authorities });
  expect(await ask(toGood)).toMatchObject({ body: "no name a.test GET /" });
  expect((await ask(toBad)).failure).toMatchObject({ reason: "connect", says: expect.stringContaining("altnames") });
  for (const each of [toGood, toBad, good, bad]) each.close();
});

test("a certificate that has expired, or that nobody known has signed, is not accepted: nothing is sent", async () => {
  const yearMs = 366 * 86_400_000;
  const expired = await secureOrigin(await makeCertificate(authority, ["localhost"], Date.now() - 2 * yearMs));
  const toExpired = openHttpUpstream({
    address: { url: `https://localhost:${expired.port}` },
    authorities: [authority.cert],
  });
  const toUnknown = openHttpUpstream({ address: { url: `https://localhost:${expired.port}` } });
  expect((await ask(toExpired)).failure).toMatchObject({ reason: "connect", says: expect.stringContaining("expired") });
  expect((await ask(toUnknown)).failure).toMatchObject({ reason: "connect" });
  const sink = new Collector();
  toExpired.upgrade(gatewayRequest({ headers: ["host", "a.test", "upgrade", "x"] }), sink);
  expect((await sink.answer).failure).toMatchObject({ reason: "connect" });
  for (const each of [toExpired, toUnknown, expired]) each.close();
});

test("`OPTIONS *` is passed on as it is", async () => {
  const origin = await secureOrigin(await makeCertificate(authority, ["localhost"], Date.now()));
  const upstream = openHttpUpstream({
    address: { url: `https://localhost:${origin.port}` },
    authorities: [authority.cert],
  });
  expect(await ask(upstream, { method: "OPTIONS", target: "*" })).toMatchObject({
    status: 200,
    body: "localhost a.test OPTIONS *",
  });
  upstream.close();
  origin.close();
});
