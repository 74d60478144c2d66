import type { IncomingHttpHeaders } from "node:http";

/**
 * Of a request's headers those that node's server itself asks for. Node would make all of them, joined and checked, for
 * 2 µs a request of a browser's; the front reads `rawHeaders` once.
 */
export function leanHeaders(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const lean: IncomingHttpHeaders = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    switch (name.length) {
      case 2: // te
      case 6: // expect
      case 7: // upgrade
      case 14: // content-length
      case 17: // transfer-encoding
        lean[name.toLowerCase()] ??= rawHeaders[index + 1];
    }
  }
  return lean;
}
