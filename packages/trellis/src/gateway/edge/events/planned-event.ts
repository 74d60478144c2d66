import { type EdgeEventPlan, type EdgeEventRecord, neverInEdgeEvents } from "../../../model/edge-event.ts";
import type { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { firstLine, wholeField } from "../../../policies/http-cache/fields.ts";
import { recordText } from "../../../spool/record-text.ts";
import type { GatewayRequest } from "../../exchange.ts";
import type { RouteCount } from "../route-counts.ts";
import type { EventStream } from "./event-stream.ts";
import { headerCharactersMax } from "./limits.ts";

/** What becomes of an answer that the edge gives: the event of a route, on its way to a stream. */
export class PlannedEvent {
  readonly stream: EventStream;
  /** Where it is counted. */
  readonly count: RouteCount;
  readonly #route: string;
  readonly #headers: readonly string[];

  constructor({ route, headers }: EdgeEventPlan, stream: EventStream, count: RouteCount) {
    this.stream = stream;
    this.count = count;
    this.#route = route;
    this.#headers = headers.filter((name) => !neverInEdgeEvents.has(name));
  }

  /** Its record, as a spool's file has it. Of the client's address only what `facts` makes of it is in it. */
  record({ method, target, headers, clientAddress }: GatewayRequest, status: number, at: number, facts: ClientFacts) {
    const kept: Record<string, string> = {};
    for (const name of this.#headers) {
      const value = wholeField(headers, name);
      if (value !== undefined) kept[name] = value.length > headerCharactersMax ? cut(value) : value;
    }
    const country = facts.countryOf(clientAddress);
    const visitor = facts.visitorOf(clientAddress, firstLine(headers, "user-agent") ?? "", at);
    const known = { method, target, at, status, headers: kept, country };
    const record: EdgeEventRecord = visitor === undefined ? known : { ...known, visitor };
    return recordText({ key: this.#route, body: JSON.stringify(record) });
  }
}

function cut(value: string): string {
  return value.slice(0, headerCharactersMax);
}
