import { TrellisError } from "../../model/errors.ts";

/** Longer addresses belong into a body. */
export const addressCharactersMax = 8_192;

/** RFC 9110, section 7.2: a name or an address, in brackets where it is IPv6, perhaps with a port. */
const hostForm = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d{0,5})?$/i;
const absoluteForm = /^https?:\/\/([^/?#]+)/i;

/** The parts of a request that two servers in a row may understand differently. */
export interface Framing {
  /** Of HTTP: `2` for frames, otherwise as the first line has it. */
  readonly version: string;
  readonly method: string;
  /** The request's target as it came. */
  readonly url: string;
  /** The first `host` and how many there are. */
  readonly host: string | undefined;
  readonly hosts: number;
  /** The first `transfer-encoding` and how many there are. */
  readonly transferEncoding: string | undefined;
  readonly transferEncodings: number;
}

/**
 * What is wrong with a request that node's parser let through, or undefined. The parser knows the grammar of HTTP; what
 * it leaves open are the ways in which two servers in a row may understand one request differently.
 */
export function refusalOf(framing: Framing): TrellisError | undefined {
  const { version, method, url, host, hosts, transferEncoding } = framing;
  // The parser also takes 0.9, which has no headers, and 2.0, which has no lines.
  if (version !== "1.1" && version !== "1.0" && version !== "2") return malformed("It is of no version of HTTP");
  if (url.length > addressCharactersMax) return new TrellisError("address-too-long");
  if (host !== undefined && !hostForm.test(host)) return malformed("The host is not a host name");
  if (hosts > 1) return malformed("There are two hosts");
  if (transferEncoding !== undefined) {
    const refusal = refusalOfEncoding(transferEncoding, framing.transferEncodings);
    if (refusal) return refusal;
  }
  if (url.charCodeAt(0) !== 47) return refusalOfForm(method, url, host);
  return undefined;
}

/** The same from the headers as node has them: names and values in turn. */
export function framingOf(version: string, method: string, url: string, rawHeaders: readonly string[]): Framing {
  const framing = {
    version,
    method,
    url,
    host: undefined as string | undefined,
    hosts: 0,
    transferEncoding: undefined as string | undefined,
    transferEncodings: 0,
  };
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const { length } = rawHeaders[index] as string;
    if (length !== 4 && length !== 17) continue;
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name === "host") {
      framing.hosts += 1;
      framing.host ??= rawHeaders[index + 1];
    } else if (name === "transfer-encoding") {
      framing.transferEncodings += 1;
      framing.transferEncoding ??= rawHeaders[index + 1];
    }
  }
  return framing;
}

/** Only `chunked` ends where both sides think that it ends; a body coded otherwise would arrive as something else. */
function refusalOfEncoding(encoding: string, count: number): TrellisError | undefined {
  if (encoding === "") return malformed("The transfer encoding is empty");
  if (count > 1) return malformed("There are two transfer encodings");
  if (encoding.toLowerCase() === "chunked") return undefined;
  return new TrellisError("not-implemented", {
    says: "Of transfer encodings only chunked is understood",
    cure: "Send the body chunked, or with its length.",
  });
}

/** Of targets that do not begin with a slash (RFC 9112, section 3.2). */
function refusalOfForm(method: string, url: string, host: string | undefined): TrellisError | undefined {
  if (url === "*") return method === "OPTIONS" ? undefined : malformed("Only OPTIONS may ask for *");
  const authority = absoluteForm.exec(url)?.[1];
  if (authority === undefined) return malformed("The address does not begin with /");
  if (authority.toLowerCase() !== host?.toLowerCase())
    return malformed("The address names another host than the headers");
  return undefined;
}

function malformed(says: string): TrellisError {
  return new TrellisError("malformed-request", { says });
}
