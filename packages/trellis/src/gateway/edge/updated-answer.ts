import { is304About } from "../../policies/http-cache/conditional.ts";
import { firstLine } from "../../policies/http-cache/fields.ts";
import type { ExchangeTimes } from "../../policies/http-cache/freshness.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { fieldsToKeep, updatedFields } from "../../policies/http-cache/stored-fields.ts";
import { type AskedWith, decideStoring, isKept } from "../../policies/http-cache/storing.ts";
import type { HeaderList } from "../exchange.ts";
import type { StoredAnswer } from "./stored-answer.ts";

export interface Updated {
  readonly answer: StoredAnswer;
  /** Whether it may go on being kept. */
  readonly kept: boolean;
}

/** A stored answer with the headers of an answer that says that it still holds (RFC 9111 §3.2). */
export function updatedAnswer(
  stored: StoredAnswer,
  headers: HeaderList,
  asked: AskedWith,
  times: ExchangeTimes,
): Updated {
  const now = formatHttpDate(times.answeredMs);
  const dated = firstLine(headers, "date") === undefined ? [...headers, "date", now] : headers;
  const fields = updatedFields(stored.headers, dated);
  const decision = decideStoring(asked, stored.status, fields, times);
  const kept = isKept(decision);
  const keeping = kept ? decision : stored.keeping;
  return { answer: stored.updated(fieldsToKeep(fields, keeping.omitted, now), keeping), kept };
}

/** Whether a 304 is about this answer (RFC 9111 §4.3.4). */
export function isAbout(headers: HeaderList, { validators }: StoredAnswer): boolean {
  return is304About(
    { etag: firstLine(headers, "etag"), lastModified: firstLine(headers, "last-modified") },
    validators,
  );
}
