/** An error that whoever knows node's responses expects. */
export function nodeError(code: string, says: string): Error {
  return Object.assign(new TypeError(says), { code });
}

/** A value or values, as node's responses take them. */
export type HeaderValue = string | number | readonly string[];

/** They are for the connection to the client, which is the gateway's. */
const hopByHop = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade"]);
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const invalidInValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Names as they were written, to how they are sent; "": not at all. The table is bounded for those who invent names. */
const sentNames = new Map<string, string>();
const sentNamesMax = 1_024;

/**
 * Adds a header to the text of a head, in which NUL stands between names and values. Throws what node throws where the
 * name or the value could not be sent over HTTP.
 */
export function withHeader(text: string, name: string, value: HeaderValue): string {
  const sent = sentNames.get(name) ?? sentName(name);
  if (sent === "") return text;
  if (typeof value !== "object") return withOne(text, sent, typeof value === "string" ? value : String(value));
  let longer = text;
  for (const one of value) longer = withOne(longer, sent, String(one));
  return longer;
}

function withOne(text: string, name: string, value: string): string {
  if (invalidInValue.test(value))
    throw nodeError("ERR_INVALID_CHAR", `Invalid character in header content ["${name}"]`);
  return text === "" ? `${name}\0${value}` : `${text}\0${name}\0${value}`;
}

function sentName(name: string): string {
  if (!token.test(name))
    throw nodeError("ERR_INVALID_HTTP_TOKEN", `Header name must be a valid HTTP token ["${name}"]`);
  const lower = name.toLowerCase();
  const sent = hopByHop.has(lower) ? "" : lower;
  if (sentNames.size < sentNamesMax) sentNames.set(name, sent);
  return sent;
}
