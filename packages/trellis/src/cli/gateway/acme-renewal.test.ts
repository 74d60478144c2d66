import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { openRig } from "../../gateway/front/front-rig.contract.ts";
import { acmeChallenges } from "../../gateway/tls/acme-challenges.ts";
import type { AcmeOrderOptions } from "../../gateway/tls/acme-order.ts";
import { CertificateFiles } from "../../gateway/tls/certificate-files.ts";
import { type CertificatePair, makeAuthority, makeCertificate } from "../../gateway/tls/local-authority.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import { AcmeRenewal } from "./acme-renewal.ts";
import { CertificateFolder } from "./certificate-folder.ts";

const [hourMs, dayMs] = [3_600_000, 86_400_000];
const domains = ["shop.example", "www.shop.example"] as const;

let publicAuthority: CertificatePair;
beforeAll(async () => {
  const now = testClock().now();
  // Its own name has nothing of ours, and so nothing of ours is in what it signs.
  publicAuthority = await makeCertificate(await makeAuthority("root", now), ["Public Authority"], now);
});

/** An authority that makes a certificate at once, or says no; and what looks after the certificate. */
async function renewed(random = () => 0.5) {
  const path = mkdtempSync(join(tmpdir(), "trellis-acme-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const folder = CertificateFolder.in({ path });
  const clock = testClock();
  const orders: { readonly at: number; readonly asked: AcmeOrderOptions }[] = [];
  const authority: { refusal: Error | undefined; next: CertificatePair | undefined } = {
    refusal: undefined,
    next: undefined,
  };
  const renewal = new AcmeRenewal({
    ...{ folder, domains, clock, log: silentLog, random },
    directory: "https://authority.example/dir",
    email: "people@shop.example",
    order: async (asked) => {
      orders.push({ at: clock.now(), asked });
      if (authority.refusal) throw authority.refusal;
      return authority.next ?? makeCertificate(publicAuthority, domains, clock.now());
    },
  });
  onTestFinished(() => renewal.close());
  await renewal.prepare();
  const issuer = () => new X509Certificate(readFileSync(renewal.files.cert)).issuer;
  const begin = async () => {
    const { pending } = clock;
    renewal.begin();
    // Keys are made outside of any clock.
    await expect.poll(() => clock.pending).toBe(pending + 1);
  };
  return { folder, clock, orders, authority, renewal, issuer, begin };
}

const textOf = (path: string) => readFileSync(path, "utf8");

/** What a visitor is shown. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername: domains[0], rejectUnauthorized: false }, () => {
      const { issuer, serialNumber } = socket.getPeerCertificate();
      resolve(`${issuer.CN} ${serialNumber}`);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("one is ordered at once where there is none, and visitors see it, and each one after it, without a restart", async () => {
  const { clock, renewal, orders, authority, begin } = await renewed();
  const { front, port } = await openRig(
    { tls: { certificates: [{ cert: textOf(renewal.files.cert), key: textOf(renewal.files.key) }] } },
    { kind: "secure" },
  );
  const problems: unknown[] = [];
  // A year of it would be six million looks.
  const gatewayClock = testClock();
  const follower = new CertificateFiles({
    files: [renewal.files],
    clock: gatewayClock,
    onChange: (certificates) => front.swapCertificates(certificates),
    onProblem: (error) => problems.push(error),
  });
  onTestFinished(() => follower.close());
  expect(await shown(port)).toMatch(/^not yet certified /);
  await begin();
  await gatewayClock.advance(5_000);
  const first = await shown(port);
  expect(first).toMatch(/^Public Authority /);
  expect(orders.map(({ asked }) => [asked.directory, asked.email, asked.domains])).toEqual([
    ["https://authority.example/dir", "people@shop.example", domains],
  ]);

  authority.next = await makeCertificate(publicAuthority, domains, clock.now() + 367 * dayMs);
  await clock.advance(366 * dayMs);
  await gatewayClock.advance(5_000);
  expect([orders.length, await shown(port)]).toEqual([1, first]);
  await clock.advance(dayMs + 12 * hourMs);
  await gatewayClock.advance(5_000);
  expect(orders).toHaveLength(2);
  const second = await shown(port);
  expect(second).toMatch(/^Public Authority /);
  expect(second).not.toBe(first);
  expect(problems).toEqual([]);
});

test("a certificate that still holds for more than a month is not ordered again by the next process", async () => {
  const { clock, folder, renewal, orders, begin } = await renewed();
  folder.write(renewal.files, await makeCertificate(publicAuthority, domains, clock.now()));
  await renewal.prepare();
  await begin();
  await clock.advance(30 * dayMs);
  expect(orders).toEqual([]);
});

test.each([0, 0.5, 0.999])(
  "an authority that refuses is asked five times an hour at most, ever later, and the certificate stays (%d)",
  async (chance) => {
    const { clock, orders, authority, issuer, begin } = await renewed(() => chance);
    authority.refusal = new Error("too many");
    await begin();
    const before = issuer();
    await clock.advance(5 * dayMs);
    expect(issuer()).toBe(before);
    const begun = orders[0]?.at ?? 0;
    expect(orders.filter(({ at }) => at - begun < hourMs).length).toBeLessThanOrEqual(5);
    const pauses = orders.slice(1).map(({ at }, index) => at - (orders[index]?.at ?? 0));
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(12 * hourMs);

    authority.refusal = undefined;
    authority.next = await makeCertificate(publicAuthority, domains, clock.now());
    await clock.advance(12 * hourMs);
    expect(issuer()).toContain("Public Authority");
    const count = orders.length;
    await clock.advance(30 * dayMs);
    expect(orders).toHaveLength(count);
  },
);

test("the account is one and the same for all orders, and only its owner can read its key", async () => {
  const { clock, folder, orders, authority, begin } = await renewed();
  authority.refusal = new Error("not now");
  await begin();
  await clock.advance(hourMs);
  expect(orders.length).toBeGreaterThan(2);
  expect(new Set(orders.map(({ asked }) => asked.accountKey)).size).toBe(1);
  expect(orders[0]?.asked.accountKey).toContain("PRIVATE KEY");
  expect(statSync(join(folder.path, "account.key")).mode & 0o777).toBe(0o600);
});

test("a challenge is answered by every gateway on this machine, until it is taken back", async () => {
  const { folder, orders, begin } = await renewed();
  await begin();
  const [order] = orders;
  order?.asked.answerChallenge("token-1", "token-1.thumb");
  const ask = acmeChallenges(folder.challenges);
  expect(ask("shop.example", "/.well-known/acme-challenge/token-1")).toBe("token-1.thumb");
  order?.asked.takeBack("token-1");
  expect(ask("shop.example", "/.well-known/acme-challenge/token-1")).toBeUndefined();
  expect(readdirSync(folder.challenges)).toEqual([]);
});

test("nothing is ordered after the close, and no timer is left", async () => {
  const { clock, renewal, orders, begin } = await renewed();
  await begin();
  renewal.close();
  await clock.advance(400 * dayMs);
  expect(orders).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
