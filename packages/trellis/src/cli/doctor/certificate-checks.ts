import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../model/settings.ts";
import { type Finding, note, ok, wrong } from "./finding.ts";

const dayMs = 86_400_000;
/** Whoever renews by hand needs some days. */
const soonMs = 14 * dayMs;

/** Whether the certificate that HTTPS is answered with can be read, and until when clients accept it. */
export function checkCertificate(
  { tlsPort, tlsCert, acmeDomains }: Pick<Settings, "tlsPort" | "tlsCert" | "acmeDomains">,
  dataPath: string,
  now: number,
): readonly Finding[] {
  if (tlsPort === 0 && tlsCert === "" && acmeDomains === "") return [];
  // It comes, and is renewed, by itself.
  if (tlsCert === "" && acmeDomains !== "") return [ok("certificate", `by ACME for ${acmeDomains}`)];
  const path = tlsCert || join(dataPath, "certs/local.pem");
  const cure = tlsCert ? "Name a certificate that holds with TRELLIS_TLS_CERT." : "Make one with trellis certs.";
  try {
    const until = new X509Certificate(readFileSync(path)).validToDate;
    const says = `${path} until ${until.toISOString().slice(0, 10)}`;
    if (until.getTime() <= now) return [wrong("certificate", `${path} has expired`, cure)];
    return [until.getTime() - now < soonMs ? note("certificate", says, cure) : ok("certificate", says)];
  } catch (error) {
    return [wrong("certificate", `${path} cannot be read: ${(error as Error).message}`, cure)];
  }
}
