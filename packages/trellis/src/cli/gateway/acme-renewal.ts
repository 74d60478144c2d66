import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeAccountKey, type orderCertificate } from "../../gateway/tls/acme-order.ts";
import { makeAuthority, makeCertificate } from "../../gateway/tls/local-authority.ts";
import type { Clock, Random, Timer } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import { backoffMs } from "../../policies/backoff.ts";
import { writeWhole } from "../folder/whole-file.ts";
import { type CertificateFolder, isOfPublicAuthority, validUntil } from "./certificate-folder.ts";

export interface AcmeRenewalOptions {
  readonly folder: CertificateFolder;
  readonly directory: string;
  readonly domains: readonly [string, ...string[]];
  readonly email?: string;
  /** Has the authority make a certificate. */
  readonly order: typeof orderCertificate;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A third of the life of a certificate of Let's Encrypt: enough to try often before it ends. */
const renewBeforeMs = 30 * dayMs;
const lookEveryMs = 12 * hourMs;
/** Let's Encrypt takes five failures for a name in an hour, and so many there are at most: each pause is at least half of these. */
const failedBackoff = { baseMs: 4 * 60_000, capMs: 12 * hourMs };

/** Keeps a certificate from an ACME authority: fetched when there is none, renewed before it ends, tried again. */
export class AcmeRenewal {
  readonly #options: AcmeRenewalOptions;
  #timer: Timer | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: AcmeRenewalOptions) {
    this.#options = options;
  }

  /** The files of its certificate. */
  get files() {
    return this.#options.folder.files(this.#options.domains[0]);
  }

  /** Until there is one, visitors are shown one of nobody's, which they refuse: the port can be opened meanwhile. */
  async prepare(): Promise<void> {
    const { folder, domains, clock } = this.#options;
    if (folder.has(this.files)) return;
    const nobody = await makeAuthority("not yet certified", clock.now());
    folder.write(this.files, await makeCertificate(nobody, domains, clock.now()));
  }

  /** The domains lead here, and challenges are answered: begins to look after the certificate. */
  begin(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { clock, log, random, domains } = this.#options;
    let nextMs = lookEveryMs;
    try {
      if (this.#isDue()) await this.#order();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      nextMs = backoffMs(this.#failures, () => (1 + random()) / 2, failedBackoff);
      log.error("no certificate by ACME yet", { domains, error, againInMs: nextMs });
    }
    if (!this.#closed) this.#timer = clock.after(nextMs, () => void this.#look());
  }

  #isDue(): boolean {
    const { cert } = this.files;
    return !isOfPublicAuthority(cert) || validUntil(cert) - this.#options.clock.now() < renewBeforeMs;
  }

  async #order(): Promise<void> {
    const { folder, domains, directory, email, order, log } = this.#options;
    const pathOf = (token: string) => join(folder.challenges, token);
    const pair = await order({
      directory,
      accountKey: await this.#accountKey(),
      ...(email ? { email } : {}),
      domains,
      answerChallenge: (token, answer) => writeWhole(pathOf(token), answer, 0o600),
      takeBack: (token) => rmSync(pathOf(token), { force: true }),
    });
    folder.write(this.files, pair);
    log.info("a certificate has come by ACME", { domains, until: new Date(validUntil(this.files.cert)).toISOString() });
  }

  async #accountKey(): Promise<string> {
    const path = join(this.#options.folder.path, "account.key");
    if (!existsSync(path)) writeWhole(path, await makeAccountKey(), 0o600);
    return readFileSync(path, "utf8");
  }
}
