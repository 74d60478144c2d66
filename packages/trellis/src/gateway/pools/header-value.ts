import type { HeaderList } from "../exchange.ts";

/** The first value of a header; `name` is lower case. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return headers[at + 1];
  return undefined;
}
