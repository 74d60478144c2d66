import { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Certificate, CertificateFacts } from "./port.ts";

const { createSecureContext } = process.getBuiltinModule("node:tls");

/** TLS 1.0 and 1.1 must not be used any more (RFC 8996). */
export const tlsVersionMin = "TLSv1.2";
/** A certificate that ends sooner is warned of. */
const soonMs = 14 * 86_400_000;

interface Shelved extends CertificateFacts {
  readonly context: SecureContext;
}

/** The certificates by the names that clients ask for. */
export class CertificateShelf {
  readonly #clock: Clock;
  readonly #log: Log;
  #all: readonly Shelved[] = [];
  #exact = new Map<string, SecureContext>();
  /** By what follows the star. */
  #wildcards = new Map<string, SecureContext>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get facts(): readonly CertificateFacts[] {
    return this.#all.map(({ names, validUntilMs }) => ({ names, validUntilMs }));
  }

  /** Throws `broken-certificate` where one cannot be used; then those that were there stay. */
  fill(certificates: readonly Certificate[]): void {
    const all = certificates.map(shelved);
    if (all.length === 0) throw new TrellisError("broken-certificate", { says: "There is no certificate" });
    this.#all = all;
    this.#exact = new Map();
    this.#wildcards = new Map();
    // The first of a name holds.
    for (const { names, context } of [...all].reverse())
      for (const name of names)
        if (name.startsWith("*.")) this.#wildcards.set(name.slice(2), context);
        else this.#exact.set(name, context);
    for (const { names, validUntilMs } of all) this.#warn(names, validUntilMs);
  }

  /** For a name that a client asks for, or without one. */
  contextFor(name: string | undefined): SecureContext | undefined {
    const lower = name?.toLowerCase() ?? "";
    const dot = lower.indexOf(".");
    const parent = dot < 0 ? "" : lower.slice(dot + 1);
    return this.#exact.get(lower) ?? this.#wildcards.get(parent) ?? this.#all[0]?.context;
  }

  #warn(names: readonly string[], validUntilMs: number): void {
    const leftMs = validUntilMs - this.#clock.now();
    const facts = { names, validUntil: new Date(validUntilMs).toISOString() };
    if (leftMs <= 0) this.#log.error("a certificate has expired: clients refuse it", facts);
    else if (leftMs < soonMs) this.#log.warn("a certificate expires soon", facts);
  }
}

function shelved({ cert, key }: Certificate): Shelved {
  try {
    const parsed = new X509Certificate(cert);
    // Throws where the key is not the certificate's.
    const context = createSecureContext({ cert, key, minVersion: tlsVersionMin });
    return { context, names: namesOf(parsed), validUntilMs: parsed.validToDate.getTime() };
  } catch (cause) {
    const says = cause instanceof Error ? cause.message : String(cause);
    throw new TrellisError("broken-certificate", { says: `A certificate cannot be used: ${says}`, cause });
  }
}

function namesOf({ subjectAltName = "", subject }: X509Certificate): readonly string[] {
  const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,"\s]+)/g)].map(([, name]) => String(name));
  const [, common] = /^CN=(\S+)$/m.exec(subject ?? "") ?? [];
  return (names.length > 0 ? names : common === undefined ? [] : [common]).map((name) => name.toLowerCase());
}
