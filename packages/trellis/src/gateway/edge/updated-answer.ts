import { is304About } from "../../policies/http-cache/conditional.ts";
import { firstLine } from "../../policies/http-cache/fields.ts";
import type { ExchangeTimes } from "../../policies/http-cache/freshness.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { fieldsToKeep, updatedFields } from "../../policies/http-cache/stored-fields.ts";
import { type AskedWith, decideStoring, isKept, type Keeping } from "../../policies/http-cache/storing.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { HeaderList } from "../exchange.ts";
import type { StoredAnswer } from "./stored-answer.ts";

export interface Updated {
  readonly answer: StoredAnswer;
  /** Whether it may go on being kept. */
  readonly kept: boolean;
}

/** What the origin was asked, and what of it decides whether its answer is kept. */
export interface UpdateAsked {
  readonly headers: HeaderList;
  readonly asked: AskedWith;
}

/** A stored answer with the headers of an answer that says that it still holds (RFC 9111 §3.2). */
export function updatedAnswer(
  stored: StoredAnswer,
  headers: HeaderList,
  request: UpdateAsked,
  times: ExchangeTimes,
): Updated {
  const now = formatHttpDate(times.answeredMs);
  const dated = firstLine(headers, "date") === undefined ? [...headers, "date", now] : headers;
  const fields = updatedFields(stored.headers, dated);
  const decision = decideStoring(request.asked, stored.status, fields, times);
  const kept = isKept(decision);
  const keeping = kept ? decision : stored.keeping;
  const selecting = selectingFor(stored, keeping, request.headers);
  return { answer: stored.updated({ headers: fieldsToKeep(fields, keeping.omitted, now), keeping, selecting }), kept };
}

/** Where `Vary` names others now, it is for requests that are in these like the one just asked. */
function selectingFor(stored: StoredAnswer, { vary }: Keeping, asked: HeaderList): string {
  return vary.join() === stored.keeping.vary.join() ? stored.selecting : selectingKey(vary, asked);
}

/** Whether a 304 is about this answer (RFC 9111 §4.3.4). */
export function isAbout(headers: HeaderList, { validators }: StoredAnswer): boolean {
  return is304About(
    { etag: firstLine(headers, "etag"), lastModified: firstLine(headers, "last-modified") },
    validators,
  );
}
