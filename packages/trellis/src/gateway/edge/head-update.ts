import { firstLine } from "../../policies/http-cache/fields.ts";
import type { ExchangeTimes } from "../../policies/http-cache/freshness.ts";
import type { HeaderList } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { EdgeStore } from "./store.ts";
import type { StoredAnswer } from "./stored-answer.ts";
import { updatedAnswer } from "./updated-answer.ts";

export interface Head {
  readonly status: number;
  readonly headers: HeaderList;
}

/**
 * What the answer to a HEAD says of the stored answer to a GET (RFC 9111 §4.3.5): with the same validators and length
 * it still holds and has these headers now; else it does not.
 */
export function updateByHead(
  store: EdgeStore,
  stored: StoredAnswer,
  request: { readonly headers: HeaderList; readonly asked: Asked },
  { status, headers }: Head,
  times: ExchangeTimes,
): void {
  const { asked } = request;
  // What has gone or changed meanwhile is not brought back; nor is what is for all judged by one person's answer.
  if (status >= 500 || asked.noStore || asked.authorized || !store.has(stored)) return;
  // It tells of another coding of the same: nothing of this one.
  if (firstLine(headers, "content-encoding") !== firstLine(stored.headers, "content-encoding")) return;
  const holds = status === stored.status && !sameOf.some((name) => differs(name, stored.headers, headers));
  const updated = holds ? updatedAnswer(stored, headers, request, times) : undefined;
  if (updated?.kept) store.update(stored, updated.answer);
  else store.delete(stored);
}

const sameOf = ["etag", "last-modified", "content-length"];

function differs(name: string, stored: HeaderList, headers: HeaderList): boolean {
  const said = firstLine(headers, name);
  return said !== undefined && said !== firstLine(stored, name);
}
