import { without } from "../../policies/http-cache/fields.ts";
import type { GatewayRequest } from "../exchange.ts";
import { revalidationMsMax } from "./limits.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** The address under which an answer is kept: the whole of it, so that `http` and `https` are two (RFC 9111 §2). */
export function keyOf({ scheme, authority, target }: GatewayRequest): string {
  return (scheme === "https" ? "https://" : "http://") + authority + target;
}

/** The keys of an address, with `http` and with `https`. None where it is not an address. */
export function keysOfUrl(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { host, pathname, search } = new URL(text);
  return [`http://${host}${pathname}${search}`, `https://${host}${pathname}${search}`];
}

const ofClient: ReadonlySet<string> = new Set(["if-none-match", "if-modified-since", "if-range", "range"]);

const ofPerson: ReadonlySet<string> = new Set(["authorization", "cache-control", "pragma"]);

/** The request that asks whether a stored answer still holds (RFC 9111 §4.3.1), in the place of the client's own. */
export function validating(request: GatewayRequest, { validators }: StoredAnswer): GatewayRequest {
  const headers = without(request.headers, ofClient);
  if (validators.etag !== undefined) headers.push("if-none-match", validators.etag);
  if (validators.lastModified !== undefined) headers.push("if-modified-since", validators.lastModified);
  return { ...request, headers };
}

/** The request for the rest of what is stored in part; for all of it, if that is no longer the same (RFC 9110 §13.1.5). */
export function completing(request: GatewayRequest, { part, validators }: StoredAnswer): GatewayRequest {
  const headers = without(request.headers, ofClient);
  if (part && validators.etag !== undefined)
    headers.push("range", `bytes=${part.last + 1}-`, "if-range", validators.etag);
  return { ...request, headers };
}

/** The request for a successor, in the background: nobody waits for it, and the client's own may be over before it. */
export function refreshing(request: GatewayRequest, stored: StoredAnswer, now: number): GatewayRequest {
  const own = validating(request, stored);
  // What is kept for all is not renewed with one person's key, whose answer could not be kept.
  const headers = without(own.headers, ofPerson);
  return {
    ...own,
    headers,
    method: "GET",
    deadlineMs: now + revalidationMsMax,
    startMs: now,
    facts: { ...request.facts, refreshes: true },
  };
}
