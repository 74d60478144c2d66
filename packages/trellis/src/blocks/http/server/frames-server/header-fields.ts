import type { IncomingHttpHeaders } from "node:http";

/** Of these only the first counts, as node has it: more than one would be a mistake or an attack. */
const single = new Set(
  (
    "age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since " +
    "last-modified location max-forwards proxy-authorization referer retry-after server user-agent"
  ).split(" "),
);

/** The headers by name, as node would give them for a request of HTTP/1.1. Names in `list` are lower case. */
export function headerFields(list: readonly string[]): IncomingHttpHeaders {
  const fields: Record<string, string | string[] | undefined> = {};
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string;
    const value = list[at + 1] as string;
    const before = fields[name];
    if (name === "set-cookie") fields[name] = before === undefined ? [value] : [...before, value];
    else if (before === undefined) fields[name] = value;
    else if (!single.has(name)) fields[name] = `${before}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return fields;
}
