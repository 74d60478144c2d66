import type { IncomingMessage } from "node:http";

/** How long a request was, as HTTP/1.1 writes it: its first line, each header with its line's end, and its body. */
export function receivedBytes({ method = "", url = "", rawHeaders, headers }: IncomingMessage): number {
  let bytes = method.length + url.length + "  HTTP/1.1\r\n\r\n".length;
  for (const text of rawHeaders) bytes += text.length + 2;
  const body = headers["content-length"];
  return body === undefined ? bytes : bytes + Number(body);
}
