import type { CertificatePair } from "./local-authority.ts";

export interface AcmeOrderOptions {
  /** The authority's directory (RFC 8555, section 7.1.1). */
  readonly directory: string;
  /** PEM. Whoever has it speaks for the account; made by `makeAccountKey`. */
  readonly accountKey: string;
  /** Where the authority writes to; its terms count as agreed to. */
  readonly email?: string;
  readonly domains: readonly [string, ...string[]];
  /** Answers `/.well-known/acme-challenge/TOKEN` at each of the domains, on port 80, until `takeBack`. */
  readonly answerChallenge: (token: string, answer: string) => void;
  readonly takeBack: (token: string) => void;
}

export async function makeAccountKey(): Promise<string> {
  const { crypto } = await acme();
  return String(await crypto.createPrivateEcdsaKey());
}

/** Has an authority make a certificate for the domains, proven by HTTP-01. Rejects with what the authority says. */
export async function orderCertificate(options: AcmeOrderOptions): Promise<CertificatePair> {
  const { Client, crypto } = await acme();
  const { directory, accountKey, email, domains } = options;
  const client = new Client({ directoryUrl: directory, accountKey });
  const [key, csr] = await crypto.createCsr({ altNames: [...domains] }, await crypto.createPrivateEcdsaKey());
  const cert = await client.auto({
    csr,
    ...(email === undefined ? {} : { email }),
    termsOfServiceAgreed: true,
    challengePriority: ["http-01"],
    // This machine may not reach itself by its public name.
    skipChallengeVerification: true,
    challengeCreateFn: async (_authz, { token }, answer) => options.answerChallenge(token, answer),
    challengeRemoveFn: async (_authz, { token }) => options.takeBack(token),
  });
  return { cert, key: String(key) };
}

/** Loaded when a certificate is needed: it brings much along. */
async function acme() {
  return (await import("acme-client")).default;
}
