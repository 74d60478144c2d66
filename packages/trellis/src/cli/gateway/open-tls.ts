import type { GatewayTls } from "../../gateway/port.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Settings } from "../../model/settings.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import { askedPort } from "../folder/app-port.ts";
import type { World } from "../world.ts";
import { AcmeRenewal } from "./acme-renewal.ts";
import { CertificateFolder } from "./certificate-folder.ts";

/** Where HTTPS is answered when nobody says. */
export const tlsPortDefault = 8443;

interface TlsGiven {
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
  readonly "tls-port": string | undefined;
  readonly data: string | undefined;
}

export interface OpenTls {
  readonly tls: GatewayTls;
  /** Looks after the certificate, where that comes by ACME. */
  readonly renewal: AcmeRenewal | undefined;
}

/** What HTTPS is answered with; undefined where nobody asks for it. Throws where its files are not there. */
export async function openTls(given: TlsGiven, settings: Settings, world: World): Promise<OpenTls | undefined> {
  const cert = given["tls-cert"] ?? settings.tlsCert;
  const key = given["tls-key"] ?? settings.tlsKey;
  const [first, ...others] = settings.acmeDomains.split(",").filter((name) => name !== "");
  const port =
    given["tls-port"] === undefined ? settings.tlsPort : wholeNumber(given["tls-port"], "--tls-port", 1, 65_535);
  if (port === 0 && cert === "" && key === "" && first === undefined) return undefined;
  if ((cert === "") !== (key === ""))
    throw new TrellisError("usage", {
      says: "Of certificate and key there is only one",
      cure: "Give both --tls-cert and --tls-key.",
    });
  const free = await askedPort(port || tlsPortDefault);
  if (cert !== "") return { tls: { port: free, certificates: [{ cert, key }] }, renewal: undefined };
  const folder = CertificateFolder.open(given.data, world);
  if (first === undefined) return { tls: { port: free, certificates: [localOf(folder)] }, renewal: undefined };
  const { acmeDirectory, acmeEmail, logLevel } = settings;
  const { clock, random } = world;
  const renewal = new AcmeRenewal({
    folder,
    directory: acmeDirectory,
    domains: [first, ...others],
    email: acmeEmail,
    clock,
    random,
    log: openLog({ level: logLevel }),
  });
  await renewal.prepare();
  return { tls: { port: free, certificates: [renewal.files], acmeFolder: folder.challenges }, renewal };
}

function localOf(folder: CertificateFolder): GatewayTls["certificates"][number] {
  if (folder.has(folder.local)) return folder.local;
  throw new TrellisError("broken-certificate", {
    says: `There is no certificate in ${folder.path}`,
    cure: "Make one for this machine with trellis certs, or give --tls-cert and --tls-key.",
  });
}
