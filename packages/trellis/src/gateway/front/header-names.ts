import { edgeRefreshHeader } from "../../model/edge-event.ts";

/** What the gateway does with a header of a request. */
export type Treatment =
  | "pass"
  | "drop"
  | "host"
  | "connection"
  | "content-length"
  | "transfer-encoding"
  | "expect"
  | "upgrade"
  | "forwarded"
  | "forwarded-for"
  | "forwarded-host"
  | "forwarded-proto"
  | "proxy-says"
  | "request-id"
  | "trace"
  | "timeout"
  | "via"
  | "accept"
  | "cookie";

export interface HeaderName {
  readonly lower: string;
  readonly treatment: Treatment;
}

/** Names as clients write them, `User-Agent` and `user-agent`: so many are remembered, others are looked at each time. */
const namesMax = 1_024;

const treatments: ReadonlyMap<string, Treatment> = new Map<string, Treatment>([
  ["host", "host"],
  // Hop by hop (RFC 9110, section 7.6.1), whether `connection` names them or not.
  ["connection", "connection"],
  ["keep-alive", "drop"],
  ["proxy-connection", "drop"],
  ["proxy-authenticate", "drop"],
  ["proxy-authorization", "drop"],
  ["proxy-authentication-info", "drop"],
  ["te", "drop"],
  ["trailer", "drop"],
  ["http2-settings", "drop"],
  // Only the gateway itself may say it.
  [edgeRefreshHeader, "drop"],
  ["upgrade", "upgrade"],
  ["transfer-encoding", "transfer-encoding"],
  ["content-length", "content-length"],
  ["expect", "expect"],
  ["forwarded", "forwarded"],
  ["x-forwarded-for", "forwarded-for"],
  ["x-forwarded-host", "forwarded-host"],
  ["x-forwarded-proto", "forwarded-proto"],
  ["x-forwarded-port", "proxy-says"],
  ["x-forwarded-prefix", "proxy-says"],
  ["x-forwarded-server", "proxy-says"],
  ["x-forwarded-ssl", "proxy-says"],
  ["x-real-ip", "proxy-says"],
  ["x-request-id", "request-id"],
  ["traceparent", "trace"],
  ["x-request-timeout-ms", "timeout"],
  ["via", "via"],
  ["accept", "accept"],
  ["cookie", "cookie"],
]);

const known = new Map<string, HeaderName>();

/** By the name as it came. The same spelling gives the same object. */
export function headerName(name: string): HeaderName {
  return known.get(name) ?? learn(name);
}

function learn(name: string): HeaderName {
  const lower = name.toLowerCase();
  const made: HeaderName = { lower, treatment: treatments.get(lower) ?? "pass" };
  if (known.size < namesMax) known.set(name, made);
  return made;
}
