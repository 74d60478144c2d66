import { edgeEventHeader } from "../../model/edge-event.ts";
import { edgeRouteHeader } from "../../model/edge-route.ts";

/** What the gateway does with a header of an answer. */
export type AnswerHeader = "pass" | "drop" | "length" | "hsts";

const known: ReadonlyMap<string, AnswerHeader> = new Map<string, AnswerHeader>([
  // Hop by hop: hops leave them out, and one that forgot must not confuse the client's connection.
  ["connection", "drop"],
  ["keep-alive", "drop"],
  ["proxy-connection", "drop"],
  ["transfer-encoding", "drop"],
  ["te", "drop"],
  ["trailer", "drop"],
  ["upgrade", "drop"],
  // The front's own says the same.
  ["x-request-id", "drop"],
  // From an instance to the edge cache, which may be off.
  [edgeRouteHeader, "drop"],
  [edgeEventHeader, "drop"],
  ["content-length", "length"],
  ["strict-transport-security", "hsts"],
]);

/** Which lengths these names have: most others are told from them by that, without being looked up. */
const lengths: readonly boolean[] = Array.from({ length: 32 }, (_, length) =>
  [...known.keys()].some((name) => name.length === length),
);

/** By the lower-case name. */
export function answerHeader(name: string): AnswerHeader {
  return lengths[name.length] === true ? (known.get(name) ?? "pass") : "pass";
}
