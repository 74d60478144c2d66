import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { GatewayTls } from "../../gateway/port.ts";
import {
  authorityOrganisation,
  type CertificatePair,
  makeAuthority,
  makeCertificate,
} from "../../gateway/tls/local-authority.ts";
import { type DataFolder, openDataFolder } from "../folder/data-folder.ts";
import { writeWhole } from "../folder/whole-file.ts";
import { findConfig } from "../load-app.ts";
import type { World } from "../world.ts";

/** Where a local authority, its certificate and those that ACME fetches are kept: `certs` in the data folder. */
export class CertificateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** In `--data`, else `TRELLIS_DATA`, else `.trellis` beside the app's configuration, else `.trellis` here. Makes it. */
  static open(chosen: string | undefined, world: World): CertificateFolder {
    return CertificateFolder.in(openDataFolder(dataPlace(chosen, world)));
  }

  static in(data: Pick<DataFolder, "path">): CertificateFolder {
    const path = join(data.path, "certs");
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return new CertificateFolder(path);
  }

  /** What is to be trusted by those who visit. */
  get authority(): string {
    return join(this.path, "authority.pem");
  }

  /** The files of the certificate for this machine's own names. */
  get local(): GatewayTls["certificates"][number] {
    return this.files("local");
  }

  /** Where a folder for files that answer HTTP-01 is. */
  get challenges(): string {
    const folder = join(this.path, "challenges");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  files(name: string): GatewayTls["certificates"][number] {
    return { cert: join(this.path, `${name}.pem`), key: join(this.path, `${name}.key`) };
  }

  has({ cert, key }: GatewayTls["certificates"][number]): boolean {
    return existsSync(cert) && existsSync(key);
  }

  /** The key first: who reads between the two finds one that does not fit, and looks again when the other comes. */
  write({ cert, key }: GatewayTls["certificates"][number], pair: CertificatePair): void {
    writeWhole(key, pair.key, 0o600);
    writeWhole(cert, pair.cert);
  }

  /** A certificate of the local authority, which is made where there is none, or one whose time is over. */
  async makeLocal(names: readonly [string, ...string[]], now: number): Promise<{ readonly madeAuthority: boolean }> {
    const files = { cert: this.authority, key: join(this.path, "authority.key") };
    const madeAuthority = !this.has(files) || validUntil(files.cert) < now;
    if (madeAuthority) this.write(files, await makeAuthority(`Trellis on ${hostname()}`, now));
    const authority = { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
    this.write(this.local, await makeCertificate(authority, names, now));
    return { madeAuthority };
  }
}

/** When the certificate in that file ends, in milliseconds since 1970. */
export function validUntil(path: string): number {
  return new X509Certificate(readFileSync(path)).validToDate.getTime();
}

/** Whether somebody else has signed it than an authority that was made here. */
export function isOfPublicAuthority(path: string): boolean {
  return !new X509Certificate(readFileSync(path)).issuer.includes(authorityOrganisation);
}

function dataPlace(chosen: string | undefined, { environment, folder }: World): string {
  const said = chosen ?? environment.TRELLIS_DATA?.trim();
  if (said) return resolve(folder, said);
  try {
    return join(dirname(findConfig(folder)), ".trellis");
  } catch {
    // A gateway needs no app.
    return join(folder, ".trellis");
  }
}
