import { edgeEventHeader } from "../../model/edge-event.ts";
import type { HeaderList } from "../exchange.ts";

/** Of one connection only (RFC 9110, 7.6.1). `trailer` goes: which ones there are is told by sending them. */
const ofTheConnection: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the gateway believes of its own instances only. */
const ofInstances: ReadonlySet<string> = new Set([edgeEventHeader]);

/** The end-to-end headers of an answer, from names and values in turn as they were received. */
export function answerHeaders(raw: readonly Buffer[] | readonly string[]): HeaderList {
  const headers: string[] = [];
  let named: readonly string[] | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = textOf(raw[at]).toLowerCase();
    const value = textOf(raw[at + 1]);
    if (name === "connection") named = namedBy(value, named);
    if (!ofTheConnection.has(name) && !ofInstances.has(name)) headers.push(name, value);
  }
  return named === undefined ? headers : without(headers, named);
}

/** What a `connection` header names beyond the usual: these, too, are of the connection only. */
function namedBy(value: string, before: readonly string[] | undefined): readonly string[] | undefined {
  if (value === "keep-alive" || value === "close") return before;
  const names = value.split(",").map((name) => name.trim().toLowerCase());
  return [...(before ?? []), ...names];
}

function without(headers: readonly string[], names: readonly string[]): HeaderList {
  return headers.filter((_, at) => !names.includes(headers[at - (at % 2)] ?? ""));
}

function textOf(part: Buffer | string | undefined): string {
  if (part === undefined) return "";
  return typeof part === "string" ? part : part.toString("latin1");
}
