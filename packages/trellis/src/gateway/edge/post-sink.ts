import { firstLine } from "../../policies/http-cache/fields.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { standsForGet } from "../../policies/http-cache/stands-for-get.ts";
import { fieldsToKeep } from "../../policies/http-cache/stored-fields.ts";
import { decideStoring, isKept, type Keeping } from "../../policies/http-cache/storing.ts";
import type { AnswerSink, GatewayRequest, HeaderList, UpstreamFailure } from "../exchange.ts";
import { arrivedAnswer } from "./arrived-answer.ts";
import { askedOf } from "./asked.ts";
import type { Flights } from "./flights.ts";
import { bytesOf } from "./kept-body.ts";
import { PassingSink } from "./passing-sink.ts";
import { keyOf } from "./requests.ts";
import { type RouteCount, routeName, withoutRoute } from "./route-counts.ts";

export interface PostSinkOptions {
  readonly sink: AnswerSink;
  readonly request: GatewayRequest;
  readonly flights: Flights;
  /** Is shown the head before it is decided what becomes of it. */
  readonly seen: (status: number, headers: HeaderList) => void;
}

interface Kept {
  readonly headers: HeaderList;
  readonly keeping: Keeping;
  readonly route: RouteCount;
  /** `changes` of the flights when its head came. */
  readonly changes: number;
}

/** Passes on the answer to a POST, and keeps it for a GET where it says that this is told the same (RFC 9110 §9.3.3). */
export class PostSink implements AnswerSink {
  readonly #passing: PassingSink;
  readonly #request: GatewayRequest;
  readonly #flights: Flights;
  readonly #seen: PostSinkOptions["seen"];
  readonly #requestedMs: number;
  #kept: Kept | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor({ sink, request, flights, seen }: PostSinkOptions) {
    this.#passing = new PassingSink(sink, request, "method");
    this.#request = request;
    this.#flights = flights;
    this.#seen = seen;
    this.#requestedMs = flights.clock.now();
  }

  interim(status: number, headers: HeaderList): void {
    this.#passing.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    this.#begin(status, headers);
    this.#passing.head(status, headers);
  }

  data(chunk: Uint8Array): boolean {
    this.#add(chunk);
    return this.#passing.data(chunk);
  }

  end(trailers?: HeaderList): void {
    this.#keep();
    this.#passing.end(trailers);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.#begin(status, headers);
    this.#add(bytesOf(body));
    this.#keep();
    this.#passing.whole(status, headers, body);
  }

  fail(failure: UpstreamFailure): void {
    this.#drop();
    this.#passing.fail(failure);
  }

  #begin(status: number, answered: HeaderList): void {
    const headers = withoutRoute(answered);
    this.#seen(status, headers);
    if (!standsForGet(status, headers, keyOf(this.#request))) return;
    const { authorized, noStore, conditional } = askedOf(this.#request.headers);
    const times = { requestedMs: this.#requestedMs, answeredMs: this.#flights.clock.now() };
    const asked = { authorized, noStore, conditional, explicitOnly: true };
    const keeping = decideStoring(asked, status, headers, times);
    if (!isKept(keeping) || !this.#flights.mayKeep(headers)) return;
    const route = this.#flights.counts.of(routeName(this.#request.facts.service, answered));
    this.#kept = { headers, keeping, route, changes: this.#flights.changes };
    this.#passing.stored = true;
  }

  #add(chunk: Uint8Array): void {
    if (!this.#kept) return;
    this.#bytes += chunk.length;
    if (this.#flights.hasRoomFor(this.#bytes)) this.#chunks.push(chunk);
    else this.#drop();
  }

  #drop(): void {
    this.#kept = undefined;
    this.#chunks = [];
  }

  #keep(): void {
    const { clock, changes, store } = this.#flights;
    // What was changed or purged since the head came may be this.
    if (!this.#kept || this.#kept.changes !== changes) return;
    const { keeping, route } = this.#kept;
    const length = firstLine(this.#kept.headers, "content-length");
    if (length !== undefined && Number(length) !== this.#bytes) return;
    const headers = fieldsToKeep(this.#kept.headers, keeping.omitted, formatHttpDate(clock.now()));
    const key = keyOf(this.#request);
    const chunks = this.#chunks;
    const answer = arrivedAnswer({
      key,
      request: this.#request,
      route,
      status: 200,
      headers,
      keeping,
      event: undefined,
      chunks,
      stored: undefined,
    });
    if (answer) store.put(answer);
  }
}
