import { TargetRefused, targetCharactersMax } from "./contract.ts";

type Refused = ReturnType<typeof TargetRefused>;

/** Each reason to refuse a target, in one sentence. */
const sentences: Readonly<Record<Refused["detail"]["reason"], string>> = {
  "not-http": "Only addresses that begin with http:// or https:// can be followed",
  credentials: "The address holds a user name or password, which everyone who follows the link would see",
  "own-address": "The address is one of this shortener's own, so that following the link could go round in circles",
  "too-long": `The address has more than ${targetCharactersMax} characters in the form in which it is sent`,
};

/** Where the shortener itself answers: at its public address, and at the host that this caller has named. */
export function ownAddresses(request: { readonly origin: string; header(name: string): string | undefined }) {
  return [request.origin, `http://${request.header("host") ?? ""}`];
}

/**
 * The target as it can be sent in `location`, or why nobody should be sent there. `own` is where the shortener itself
 * answers, as callers have it, so it may be no address at all. Dangerous schemes (`javascript:`, `data:`, `file:` and so
 * on) are refused as all but http and https are.
 */
export function checkTarget(target: string, own: readonly string[]): string | Refused {
  const url = URL.parse(target);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return refused("not-http");
  if (url.username !== "" || url.password !== "") return refused("credentials");
  if (own.some((address) => isAt(url, URL.parse(address)))) return refused("own-address");
  const sent = isPlain(target) ? target : url.href;
  return sent.length > targetCharactersMax ? refused("too-long") : sent;
}

function refused(reason: Refused["detail"]["reason"]): Refused {
  return TargetRefused({ field: "target", reason, says: sentences[reason] });
}

/**
 * Whether browsers take the text in `location` for what `URL` read: visible ASCII with an authority. `https:example.com`
 * without one would be a path on the host that redirects.
 */
function isPlain(target: string): boolean {
  return /^https?:\/\/[^/\\][\x21-\x7e]*$/i.test(target);
}

/** http and https on their own ports count as one: the first commonly leads to the second. */
function isAt(url: URL, own: URL | null): boolean {
  return own !== null && portOf(url) === portOf(own) && hostOf(url) === hostOf(own);
}

function portOf({ port }: URL): string {
  return port === "80" || port === "443" ? "" : port;
}

/** The host by one name where it has many. `URL` has already turned `2130706433` and `0x7f.1` into `127.0.0.1`. */
function hostOf({ hostname }: URL): string {
  const name = hostname.replace(/\.$/, "");
  return isLoopback(name) ? "localhost" : name;
}

function isLoopback(name: string): boolean {
  if (name === "localhost" || name === "0.0.0.0" || name === "[::]" || name === "[::1]") return true;
  return /^127\.\d+\.\d+\.\d+$/.test(name) || /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\]$/.test(name);
}
