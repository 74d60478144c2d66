import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { certificateDays, makeAuthority, makeCertificate } from "./local-authority.ts";

const dayMs = 86_400_000;

/** The error of a client that trusts this authority and asks for this host; undefined where it is content. */
async function visit(host: string, port: number, ca: string): Promise<string | undefined> {
  const client = connect({ port, host: "127.0.0.1", servername: host, ca });
  onTestFinished(() => void client.destroy());
  return once(client, "secureConnect").then(
    () => undefined,
    (error: Error & { code?: string }) => error.code,
  );
}

test("a client that trusts the authority accepts its certificate for the names in it, and for no other", async () => {
  const authority = await makeAuthority("test machine", Date.now());
  const { cert, key } = await makeCertificate(
    authority,
    ["localhost", "links.localhost", "*.shop.test", "127.0.0.1"],
    Date.now(),
  );
  const server = createServer({ cert, key }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  for (const host of ["localhost", "links.localhost", "www.shop.test"])
    expect(await visit(host, port, authority.cert)).toBeUndefined();
  expect(await visit("other.test", port, authority.cert)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  const stranger = await makeAuthority("another machine", Date.now());
  expect(await visit("localhost", port, stranger.cert)).toBe("SELF_SIGNED_CERT_IN_CHAIN");
});

test("the authority may sign servers and no further authorities; certificates may sign nothing", async () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const authority = await makeAuthority("test machine", now);
  const pair = await makeCertificate(authority, ["localhost"], now);
  const above = new X509Certificate(authority.cert);
  const below = new X509Certificate(pair.cert);
  expect([above.ca, below.ca]).toEqual([true, false]);
  expect(below.checkIssued(above) && below.verify(above.publicKey)).toBe(true);
  expect(below.validToDate.getTime()).toBe(now + certificateDays * dayMs);
  expect(below.serialNumber).not.toBe(above.serialNumber);
});
