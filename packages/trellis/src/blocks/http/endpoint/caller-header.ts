import { createHmac, timingSafeEqual } from "node:crypto";
import type { Actor } from "../../../model/actor.ts";

/** Who asks for one service at another, for as long as the request may take. */
export interface SignedCaller {
  readonly actor: Actor | undefined;
  /** Milliseconds since 1970 after which the header is worth nothing. */
  readonly expiresMs: number;
}

/** The value of `x-trellis-caller`: who asks, and an HMAC-SHA-256 over it with the secret that all instances share. */
export function signCaller(caller: SignedCaller, secret: string): string {
  const claims = Buffer.from(JSON.stringify([caller.expiresMs, caller.actor ?? null])).toString("base64url");
  return `${claims}.${signature(claims, secret).toString("base64url")}`;
}

/** Who asks, or undefined where the header was not made with this secret, was changed or has expired. */
export function verifyCaller(value: string, secret: string, nowMs: number): SignedCaller | undefined {
  const [claims, signed, ...more] = value.split(".");
  if (!claims || !signed || more.length > 0 || secret === "") return undefined;
  const expected = signature(claims, secret);
  const given = Buffer.from(signed, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Whoever could sign it knew what to write.
  const [expiresMs, actor] = JSON.parse(Buffer.from(claims, "base64url").toString()) as [number, Actor | null];
  return expiresMs > nowMs ? { actor: actor ?? undefined, expiresMs } : undefined;
}

function signature(claims: string, secret: string): Buffer {
  // The prefix keeps signatures of other things made with the same secret from being taken for this one.
  return createHmac("sha256", secret).update(`x-trellis-caller:${claims}`).digest();
}
