import type { GatewayTls } from "../../gateway/port.ts";
import { orderCertificate } from "../../gateway/tls/acme-order.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import type { World } from "../world.ts";
import { AcmeRenewal } from "./acme-renewal.ts";
import type { CertificateFolder } from "./certificate-folder.ts";

/** Where HTTPS is answered when nobody says. */
export const tlsPortDefault = 8443;

export type TlsSettings = Pick<
  Settings,
  "tlsPort" | "tlsCert" | "tlsKey" | "acmeDomains" | "acmeEmail" | "acmeDirectory"
>;

export interface OpenTls {
  readonly tls: GatewayTls;
  /** Looks after the certificate, where that comes by ACME. */
  readonly renewal: AcmeRenewal | undefined;
}

/**
 * What HTTPS is answered with; undefined where no setting asks for it. `certificates` is opened where they are kept by us.
 * Throws where files are not there.
 */
export async function openTls(
  settings: TlsSettings,
  certificates: () => CertificateFolder,
  log: Log,
  { clock, random }: Pick<World, "clock" | "random">,
): Promise<OpenTls | undefined> {
  const { tlsPort, tlsCert: cert, tlsKey: key, acmeDomains, acmeDirectory, acmeEmail } = settings;
  const [first, ...others] = acmeDomains.split(",").filter((name) => name !== "");
  if (tlsPort === 0 && cert === "" && key === "" && first === undefined) return undefined;
  const port = tlsPort || tlsPortDefault;
  if ((cert === "") !== (key === ""))
    throw new TrellisError("invalid-setting", {
      says: "Of certificate and key there is only one",
      cure: "Give both TRELLIS_TLS_CERT and TRELLIS_TLS_KEY, or --tls-cert and --tls-key.",
    });
  if (cert !== "") return { tls: { port, certificates: [{ cert, key }] }, renewal: undefined };
  const folder = certificates();
  if (first === undefined) return { tls: { port, certificates: [localOf(folder)] }, renewal: undefined };
  const renewal = new AcmeRenewal({
    folder,
    directory: acmeDirectory,
    domains: [first, ...others],
    email: acmeEmail,
    order: orderCertificate,
    clock,
    random,
    log,
  });
  await renewal.prepare();
  return { tls: { port, certificates: [renewal.files], acmeFolder: folder.challenges }, renewal };
}

function localOf(folder: CertificateFolder): GatewayTls["certificates"][number] {
  if (folder.has(folder.local)) return folder.local;
  throw new TrellisError("broken-certificate", {
    says: `There is no certificate in ${folder.path}`,
    cure: "Make one for this machine with trellis certs, or name files with --tls-cert and --tls-key.",
  });
}
