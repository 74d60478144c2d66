import type { IncomingMessage } from "node:http";
import { TrellisError } from "../../../model/errors.ts";
import { addressCharactersMax } from "./limits.ts";

/** RFC 9110, section 7.2: a name or an address, in brackets where it is IPv6, perhaps with a port. */
const hostForm = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d{0,5})?$/i;
const absoluteForm = /^https?:\/\/([^/?#]+)/i;

/**
 * What is wrong with a request that node's parser let through, or undefined. The parser knows the grammar of HTTP; what
 * it leaves open are the ways in which two servers in a row may understand one request differently.
 */
export function refusalOf(request: IncomingMessage): TrellisError | undefined {
  const { headers } = request;
  const url = request.url ?? "";
  if (url.length > addressCharactersMax) return new TrellisError("address-too-long");
  const { host } = headers;
  if (host !== undefined && !hostForm.test(host)) return malformed("The host is not a host name");
  if (hasTwoHosts(request.rawHeaders)) return malformed("There are two hosts");
  if (headers["transfer-encoding"] === "") return malformed("The transfer encoding is empty");
  if (url.charCodeAt(0) !== 47) return refusalOfForm(request.method, url, host);
  return undefined;
}

/** Of targets that do not begin with a slash (RFC 9112, section 3.2). */
function refusalOfForm(method: string | undefined, url: string, host: string | undefined): TrellisError | undefined {
  if (url === "*") return method === "OPTIONS" ? undefined : malformed("Only OPTIONS may ask for *");
  const authority = absoluteForm.exec(url)?.[1];
  if (authority === undefined) return malformed("The address does not begin with /");
  if (authority.toLowerCase() !== host?.toLowerCase())
    return malformed("The address names another host than the headers");
  return undefined;
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}

function malformed(says: string): TrellisError {
  return new TrellisError("malformed-request", { says });
}
