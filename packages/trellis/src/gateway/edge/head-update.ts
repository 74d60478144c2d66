import { firstLine } from "../../policies/http-cache/fields.ts";
import type { ExchangeTimes } from "../../policies/http-cache/freshness.ts";
import type { HeaderList } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { EdgeStore } from "./store.ts";
import type { StoredAnswer } from "./stored-answer.ts";
import { updatedAnswer } from "./updated-answer.ts";

/**
 * What the answer to a HEAD says of the stored answer to a GET (RFC 9111 §4.3.5): with the same validators and length
 * it still holds and has these headers now; else it does not.
 */
export function updateByHead(
  store: EdgeStore,
  stored: StoredAnswer,
  asked: Asked,
  status: number,
  headers: HeaderList,
  times: ExchangeTimes,
): void {
  // What has gone or changed meanwhile is not brought back; nor is what is for all judged by one person's answer.
  if (status >= 500 || asked.noStore || asked.authorized || !store.has(stored)) return;
  const holds = status === stored.status && !sameOf.some((name) => differs(name, stored.headers, headers));
  const updated = holds ? updatedAnswer(stored, headers, asked, times) : undefined;
  if (updated?.kept) store.put(updated.answer);
  else store.delete(stored);
}

const sameOf = ["etag", "last-modified", "content-length"];

function differs(name: string, stored: HeaderList, headers: HeaderList): boolean {
  const said = firstLine(headers, name);
  return said !== undefined && said !== firstLine(stored, name);
}
