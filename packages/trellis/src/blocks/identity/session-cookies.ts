import type { Actor } from "../../model/actor.ts";
import { TrellisError } from "../../model/errors.ts";
import { sessionCookie } from "../../model/session-cookie.ts";
import type { ApiKeys } from "./api-keys.ts";
import { sessionMsMax } from "./limits.ts";

/** Lower-case names. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What else than its headers tells whether a browser sends a request of its own accord. */
interface Sent {
  readonly method: string;
  /** The address of the app as its callers see it. */
  readonly origin: string;
}

/**
 * Who sends a request: by the key in `authorization`, or else by the one in the session's cookie. Throws `forbidden`
 * where a page of another site makes a browser change something in its user's name.
 */
export function authenticate(
  keys: Pick<ApiKeys, "actor">,
  headers: Headers,
  sent: Sent,
): Actor | undefined | Promise<Actor | undefined> {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) return keys.actor(String(authorization));
  if (cookie === undefined) return undefined;
  const key = cookieValue(String(cookie), sessionCookie);
  if (key === undefined) return undefined;
  if (sent.method !== "GET" && sent.method !== "HEAD") refuseForeign(headers, sent.origin);
  return keys.actor(`Bearer ${key}`);
}

/** The value of `set-cookie` that keeps `key`, or that forgets the one there is. */
export function sessionSetCookie(key: string | undefined, origin: string): string {
  const seconds = key === undefined ? 0 : sessionMsMax / 1_000;
  const secure = origin.startsWith("https:") ? "; Secure" : "";
  return `${sessionCookie}=${key ?? ""}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

function cookieValue(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const [key, value] = part.split("=", 2);
    if (key?.trim() === name) return value?.trim() || undefined;
  }
  return undefined;
}

/**
 * Browsers say whose page it is that sends: in `sec-fetch-site`, or in `origin` where they do not hold the connection
 * for safe. What says neither is no browser of these years, and no page made it send the cookie.
 */
function refuseForeign({ "sec-fetch-site": site, origin: page }: Headers, origin: string): void {
  const own = site === undefined ? page === undefined || page === origin : site === "same-origin" || site === "none";
  if (own) return;
  throw new TrellisError("forbidden", {
    says: "A page of another site sent this, with the cookie of this one",
    cure: "Send it from a page of this app, or with a key: `authorization: Bearer KEY`. Behind a proxy, set TRELLIS_ORIGIN.",
  });
}
