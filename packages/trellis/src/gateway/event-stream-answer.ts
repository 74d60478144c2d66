import type { HeaderList } from "./exchange.ts";

/** Whether an answer is a stream of server-sent events: it may go on for as long as somebody listens. */
export function isEventStream(headers: HeaderList): boolean {
  for (let at = 0; at < headers.length; at += 2)
    if (headers[at] === "content-type") return /^text\/event-stream\b/i.test(headers[at + 1] ?? "");
  return false;
}
