import { firstLine } from "../../policies/http-cache/fields.ts";
import type { ExchangeTimes } from "../../policies/http-cache/freshness.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { fieldsToKeep, updatedFields } from "../../policies/http-cache/stored-fields.ts";
import { decideStoring, isKept } from "../../policies/http-cache/storing.ts";
import type { HeaderList } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { EdgeStore } from "./store.ts";
import type { StoredAnswer } from "./stored-answer.ts";

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
  if (status >= 500 || !store.has(stored)) return;
  if (status !== stored.status || sameOf.some((name) => differs(name, stored.headers, headers))) {
    store.delete(stored);
    return;
  }
  const fields = updatedFields(stored.headers, headers);
  const keeping = decideStoring(asked, status, fields, times);
  if (isKept(keeping))
    store.put(stored.updated(fieldsToKeep(fields, keeping.omitted, formatHttpDate(times.answeredMs)), keeping));
  else store.delete(stored);
}

const sameOf = ["etag", "last-modified", "content-length"];

function differs(name: string, stored: HeaderList, headers: HeaderList): boolean {
  const said = firstLine(headers, name);
  return said !== undefined && said !== firstLine(stored, name);
}
