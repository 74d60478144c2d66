import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { certificateDays, makeAuthority, makeCertificate } from "../../gateway/tls/local-authority.ts";
import { checkCertificate } from "./certificate-checks.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-23T12:00:00Z");
const off = { tlsPort: 0, tlsCert: "", acmeDomains: "" };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trellis-doctor-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("nothing is said of a certificate where there is no HTTPS, and of one that looks after itself only that", () => {
  expect(checkCertificate(off, folder(), now)).toEqual([]);
  expect(checkCertificate({ ...off, acmeDomains: "go.example" }, folder(), now)).toMatchObject([{ state: "ok" }]);
});

test("a certificate that is missing, soon ends or has ended is found", async () => {
  const data = folder();
  const found = (at: number) => checkCertificate({ ...off, tlsPort: 8_443 }, data, at)[0];
  expect(found(now)).toMatchObject({ state: "wrong", cure: "Make one with trellis certs." });
  mkdirSync(join(data, "certs"));
  const pair = await makeCertificate(await makeAuthority("test", now), ["localhost"], now);
  writeFileSync(join(data, "certs/local.pem"), pair.cert);
  expect(found(now)).toMatchObject({ state: "ok", says: expect.stringContaining("until 2027-12-25") });
  expect(found(now + (certificateDays - 13) * dayMs)).toMatchObject({ state: "note" });
  expect(found(now + certificateDays * dayMs)).toMatchObject({
    state: "wrong",
    says: expect.stringContaining("expired"),
  });
});

test("files of one's own are looked at where they are", () => {
  const [finding] = checkCertificate({ ...off, tlsCert: "/nowhere/a.pem" }, folder(), now);
  expect(finding).toMatchObject({ state: "wrong", says: expect.stringContaining("/nowhere/a.pem cannot be read") });
});
