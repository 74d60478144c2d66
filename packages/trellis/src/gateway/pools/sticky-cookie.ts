import { stickyValueOf } from "../../policies/balancing/sticky.ts";
import type { GatewayRequest, HeaderList } from "../exchange.ts";

/** What a client sent as the cookie of that name; undefined where it sent none. */
export function stickyValue({ headers }: GatewayRequest, cookie: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at] === "cookie" ? cookieValue(headers[at + 1] ?? "", cookie) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * The headers of an answer with a `set-cookie` by which the client comes back to this upstream as long as its browser is
 * open; without one where its cookie says so already.
 */
export function withStickyCookie(
  headers: HeaderList,
  cookie: string,
  upstream: string,
  request: GatewayRequest,
): HeaderList {
  const value = stickyValueOf(upstream);
  if (stickyValue(request, cookie) === value) return headers;
  const secure = request.scheme === "https" ? "; Secure" : "";
  return [...headers, "set-cookie", `${cookie}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`];
}

function cookieValue(header: string, cookie: string): string | undefined {
  for (let start = 0; start < header.length; ) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon < 0 ? header.length : semicolon;
    const equals = header.indexOf("=", start);
    if (equals >= 0 && equals < end && header.slice(start, equals).trim() === cookie)
      return header.slice(equals + 1, end).trim();
    start = end + 1;
  }
  return undefined;
}
