import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its private key, as PEM files have them. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** By which the certificates of authorities that were made here are known. */
export const authorityOrganisation = "Trellis local authority";

const dayMs = 86_400_000;
const authorityDays = 3_650;
/** What Apple's systems accept at most of any authority is 825, of public ones 397: one that everyone accepts. */
export const certificateDays = 397;
/** A clock that is behind would find a certificate of this moment not valid yet. */
const earlierMs = 3_600_000;

/** ECDSA with P-256: what every client knows, and small. */
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Two hundred modules, which whoever makes no certificate need not load. */
function x509Library() {
  return import("@peculiar/x509");
}

/** Makes an authority for one machine. Who has its key can pretend to be any host before those who trust it. */
export async function makeAuthority(name: string, now: number): Promise<CertificatePair> {
  const x509 = await x509Library();
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }, { O: [authorityOrganisation] }],
    ...period(now, authorityDays),
    serialNumber: serial(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString("pem")}\n`, key: await keyPem(keys.privateKey) };
}

/** A certificate of the authority for a server that has these names or addresses; `*.localhost` is a name, too. */
export async function makeCertificate(
  authority: CertificatePair,
  names: readonly [string, ...string[]],
  now: number,
): Promise<CertificatePair> {
  const x509 = await x509Library();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [names[0]] }],
    issuer: issuer.subject,
    ...period(now, certificateDays),
    serialNumber: serial(),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  });
  return { cert: `${cert.toString("pem")}\n${authority.cert}`, key: await keyPem(keys.privateKey) };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const x509 = await x509Library();
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), x509.PemConverter.PrivateKeyTag)}\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const x509 = await x509Library();
  return webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), algorithm, false, [
    "sign",
  ]) as Promise<webcrypto.CryptoKey>;
}

function period(now: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now - earlierMs), notAfter: new Date(now + days * dayMs) };
}

/** 16 bytes of chance, in hexadecimal; positive, as RFC 5280 wants it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString("hex");
}
