import { hash } from "node:crypto";
import { addressGroups } from "../../model/network.ts";
import type { GatewayRequest, HeaderList } from "../exchange.ts";
import type { RateLimitRule } from "../port.ts";

/**
 * Whose requests are counted together: those of a client's address (of its /64 network for IPv6, which one machine has to
 * itself), or those with the same key, as a hash of it. Undefined: the rule is not for this request, which brings no key.
 */
export function rateKey(by: RateLimitRule["by"], request: GatewayRequest): string | undefined {
  if (by === "client") return clientOf(request.clientAddress);
  const key = headerOf(request.headers, "authorization") ?? headerOf(request.headers, "x-api-key");
  // What it is must neither be kept nor take up much: a header may be long.
  return key === undefined ? undefined : hash("sha256", key, "base64url");
}

function clientOf(address: string): string {
  if (!address.includes(":")) return address;
  const groups = addressGroups(address);
  if (!groups) return address;
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const isIpv4 = a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff;
  if (isIpv4) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  return `${a?.toString(16)}:${b?.toString(16)}:${c?.toString(16)}:${d?.toString(16)}::/64`;
}

function headerOf(headers: HeaderList, name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return headers[at + 1];
  return undefined;
}
