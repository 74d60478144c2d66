import { createHmac, timingSafeEqual } from "node:crypto";
import type { Actor } from "../../../model/actor.ts";
import type { Limit } from "../../../model/limit.ts";

/** Who asks for one service at another, for as long as the request may take. */
export interface SignedCaller {
  readonly actor: Actor | undefined;
  /** The service that is asked: no other one believes it, so that none can pass it on in another's name. */
  readonly service: string;
  /** Milliseconds since 1970 after which the header is worth nothing. */
  readonly expiresMs: number;
}

/** A call is checked when it arrives: whoever gets hold of its headers can do nothing with them later. */
export const signedCallerMsMax = 60_000;

export const callerLimits: readonly Limit[] = [
  {
    name: "signed caller of a call between services",
    value: signedCallerMsMax,
    unit: "ms",
    set: "fixed: it is checked when the call arrives",
  },
];

/**
 * The value of `x-trellis-caller`: who asks which service, and an HMAC-SHA-256 over it with the secret that all instances
 * share.
 */
export function signCaller(caller: SignedCaller, secret: string): string {
  const claims = Buffer.from(JSON.stringify([caller.expiresMs, caller.service, caller.actor ?? null])).toString(
    "base64url",
  );
  return `${claims}.${signature(claims, secret).toString("base64url")}`;
}

/** Who asks `at.service`, or undefined where the header was not made for it with this secret, was changed or has expired. */
export function verifyCaller(
  value: string,
  secret: string,
  at: { readonly service: string; readonly nowMs: number },
): SignedCaller | undefined {
  const [claims, signed, ...more] = value.split(".");
  if (!claims || !signed || more.length > 0 || secret === "") return undefined;
  const expected = signature(claims, secret);
  const given = Buffer.from(signed, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Whoever could sign it knew what to write.
  const [expiresMs, service, actor] = JSON.parse(Buffer.from(claims, "base64url").toString()) as Claims;
  return expiresMs > at.nowMs && service === at.service ? { actor: actor ?? undefined, service, expiresMs } : undefined;
}

type Claims = readonly [expiresMs: number, service: string, actor: Actor | null];

function signature(claims: string, secret: string): Buffer {
  // The prefix keeps signatures of other things made with the same secret from being taken for this one.
  return createHmac("sha256", secret).update(`x-trellis-caller:${claims}`).digest();
}
