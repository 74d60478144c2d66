import { forwardStatus } from "../../policies/http-cache/cache-status.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { fieldsToKeep } from "../../policies/http-cache/stored-fields.ts";
import { decideStoring, isKept, type Keeping } from "../../policies/http-cache/storing.ts";
import type { AnswerSink, Forwarding, HeaderList, Hop, UpstreamFailure } from "../exchange.ts";
import { arrivedAnswer } from "./arrived-answer.ts";
import { Arriving } from "./arriving.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import type { FlightPlan } from "./flight-plan.ts";
import { give } from "./give.ts";
import { giveNoted } from "./give-noted.ts";
import { bytesOf, concat } from "./kept-body.ts";
import type { Landing } from "./landing.ts";
import { refreshPauseMs } from "./limits.ts";
import { noteShared } from "./note-shared.ts";
import { isRestOf, partOf, withoutPart } from "./parts.ts";
import type { Read, Reader } from "./reader.ts";
import { type RouteCount, routeName, withoutRoute } from "./route-counts.ts";
import { standIn } from "./stand-in.ts";
import type { StoredAnswer } from "./stored-answer.ts";
import { isAbout, updatedAnswer } from "./updated-answer.ts";
import { WaitingBody } from "./waiting-body.ts";

/** One request to the origin, for one reader, for many who ask the same, or for none. */
export class Flight implements AnswerSink, Read {
  readonly plan: FlightPlan;
  readonly sharedAs: string | undefined;
  /** Since it began, what it asks for was purged or changed: it is not kept, and nobody joins it. */
  overtaken = false;

  readonly #landing: Landing;
  readonly #readers: Reader[] = [];
  readonly #body = new WaitingBody();
  readonly #purgedTags = new Set<string>();
  readonly #requestedMs: number;
  #upstream: Forwarding | undefined;
  #state: "asking" | "streaming" | "over" = "asking";
  #arriving: Arriving | undefined;
  #route: RouteCount | undefined;
  #event: PlannedEvent | undefined;
  #isKept = false;
  /** What is stored of it already, where only the rest was asked for. */
  #beginning: Uint8Array | undefined;
  #bytes = 0;
  #resting = false;

  /** @param sharedAs - under which others find it, to join */
  constructor(plan: FlightPlan, landing: Landing, sharedAs?: string) {
    this.plan = plan;
    this.sharedAs = sharedAs;
    this.#landing = landing;
    this.#requestedMs = landing.clock.now();
  }

  get waiting(): number {
    return this.#readers.length;
  }

  start(next: Hop): void {
    const upstream = next.forward(this.plan.request, this);
    if (this.#state !== "over") this.#upstream = upstream;
  }

  /** Whether one who asks the same may wait for this answer. */
  fits(reader: Reader): boolean {
    if (this.overtaken || this.#state === "over") return false;
    return this.#state === "asking" || (this.#isKept && (this.#arriving?.suits(reader) ?? false));
  }

  join(reader: Reader): void {
    this.#readers.push(reader);
    reader.of = this;
    reader.position = 0;
    reader.paused = false;
    if (!this.#arriving) return;
    noteShared(this.#landing, this.#event, this.#arriving, this.#readers.slice(-1));
    if (this.#giveHead(this.#arriving, reader)) this.#body.give(reader);
  }

  /** Something with this tag was asked for before it was purged. */
  purgeTag(tag: string): void {
    this.#purgedTags.add(tag);
  }

  resumed(reader: Reader): void {
    this.#body.give(reader);
    this.#goOn();
  }

  left(reader: Reader): void {
    this.#forget(reader);
    if (this.#state === "over") return;
    if (this.#readers.length > 0) this.#goOn();
    // What is being kept is fetched to its end where it has one.
    else if (!this.#isKept || this.#arriving?.length === undefined) {
      this.#land();
      this.#upstream?.abort();
    }
  }

  interim(status: number, headers: HeaderList): void {
    if (this.#state === "asking") for (const reader of this.#readers) reader.sink.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    const arriving = this.#begin(status, headers);
    if (!arriving) return;
    noteShared(this.#landing, this.#event, arriving, this.#readers);
    for (const reader of [...this.#readers]) this.#giveHead(arriving, reader);
    if (this.#beginning) this.data(this.#beginning);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    const arriving = this.#begin(status, headers);
    if (!arriving) return;
    const all = this.#beginning ? concat([this.#beginning, bytesOf(body)]) : body;
    this.#land();
    if (this.#isKept) this.#keep(arriving, [bytesOf(all)]);
    const readers = this.#takeReaders();
    noteShared(this.#landing, this.#event, arriving, readers);
    for (const reader of readers)
      if (!arriving.wasKnownTo(reader, this.#landing.clock.now()))
        reader.sink.whole(arriving.status, arriving.headersFor(reader), all);
  }

  data(chunk: Uint8Array): boolean {
    if (this.#state !== "streaming") return true;
    this.#bytes += chunk.length;
    if (this.#isKept) {
      this.#landing.filling += chunk.length;
      if (!this.#landing.hasRoomFor(this.#bytes)) this.#giveUpKeeping();
    }
    const more = this.#body.add(chunk, this.#readers);
    this.#resting = !more;
    return more;
  }

  end(trailers?: HeaderList): void {
    if (this.#state !== "streaming" || !this.#arriving) return;
    const { length } = this.#arriving;
    if (length !== undefined && length !== this.#bytes) {
      this.fail({ reason: "reset", says: `The answer has ${this.#bytes} bytes instead of ${length}` });
      return;
    }
    this.#land();
    if (this.#isKept) this.#keep(this.#arriving, this.#body.chunks);
    this.#body.end(trailers, this.#readers);
  }

  fail(failure: UpstreamFailure): void {
    if (this.#state === "over") return;
    const asking = this.#state === "asking";
    this.#land();
    const stored = asking ? this.#standIn(failure) : undefined;
    if (stored) this.#giveStored(stored, "disconnected");
    for (const reader of this.#takeReaders()) {
      if (asking) reader.request.facts.cache = forwardStatus(this.plan.reason);
      reader.sink.fail(failure);
    }
  }

  /** Settles what becomes of an answer. Undefined where nothing of it is given on. */
  #begin(status: number, answered: HeaderList): Arriving | undefined {
    if (this.#state !== "asking") return undefined;
    const { stored, seeks, asked, request } = this.plan;
    const headers = withoutRoute(answered);
    if (stored && this.#answersForStored(stored, status, headers)) return undefined;
    const completes = seeks === "rest" && stored !== undefined && status === 206;
    if (completes) this.#beginning = bytesOf(stored.body);
    const arriving = completes ? this.#arrive(200, withoutPart(headers, stored)) : this.#arrive(status, headers);
    this.#state = "streaming";
    this.#arriving = arriving;
    this.#isKept = arriving.keeping !== undefined;
    this.#route = this.#landing.counts.of(routeName(request.facts.service, answered));
    this.#event = this.#landing.eventOf(answered, this.#route);
    if (stored) this.#route.stale += this.#readers.length;
    else this.#route.misses += this.#readers.length;
    if (!this.#isKept) {
      this.#body.keepNoMore(this.#readers);
      if (stored && status < 500 && !asked.noStore && !asked.authorized) this.#landing.store.delete(stored);
    }
    this.#sendOthersOn(arriving);
    return arriving;
  }

  /** Whether what came is no answer for the readers, but about one that is stored, or in its stead. */
  #answersForStored(stored: StoredAnswer, status: number, headers: HeaderList): boolean {
    const { seeks } = this.plan;
    if (seeks === "validation" && status === 304) {
      this.#land();
      if (isAbout(headers, stored)) this.#validated(stored, headers);
      else this.#askAgain(stored);
      return true;
    }
    if (seeks === "rest" && (status === 416 || (status === 206 && !isRestOf(headers, stored)))) {
      this.#land();
      this.#askAgain(stored);
      return true;
    }
    if (!this.#standIn(status)) return false;
    this.#land();
    this.#giveStored(stored, "stale-if-error", status);
    return true;
  }

  #arrive(status: number, headers: HeaderList): Arriving {
    return new Arriving(this.plan, status, headers, this.#decide(status, headers));
  }

  #decide(status: number, headers: HeaderList): Keeping | undefined {
    if (this.overtaken) return undefined;
    const decision = decideStoring(this.plan.asked, status, headers, this.#times());
    if (!isKept(decision) || (status === 206 && !partOf(headers))) return undefined;
    return this.#landing.mayKeep(headers) ? decision : undefined;
  }

  #times() {
    return { requestedMs: this.#requestedMs, answeredMs: this.#landing.clock.now() };
  }

  /** RFC 9111 §4.3.3: the origin says that what is stored still holds. */
  #validated(stored: StoredAnswer, headers: HeaderList): void {
    const { request, asked } = this.plan;
    const updated = updatedAnswer(stored, headers, { headers: request.headers, asked }, this.#times());
    const { answer } = updated;
    const kept = updated.kept && this.#mayStillKeep(answer);
    if (kept) this.#landing.store.update(stored, answer);
    else this.#landing.store.delete(stored);
    stored.route.stale += this.#readers.length;
    // What it adds, a cookie perhaps, is then for the first one alone; and it may vary by something else now.
    const isFor = ({ request }: Reader) => kept && answer.suits(request.headers);
    this.#sendOn(this.#readers.filter((reader) => reader.collapsed && !isFor(reader)));
    this.#giveStored(answer, undefined, 304, kept);
  }

  /** What is stored is not what the origin has: it is asked for all of that. */
  #askAgain(stored: StoredAnswer): void {
    this.#landing.store.delete(stored);
    for (const reader of this.#takeReaders()) {
      // The one for whom it was asked has been written down by whoever answered.
      if (!reader.collapsed) reader.request.facts.refreshes = true;
      this.#landing.askAlone(reader, this.plan.key, "stale");
    }
  }

  #standIn(failed: UpstreamFailure | number): StoredAnswer | undefined {
    return this.overtaken ? undefined : standIn(this.plan, failed, this.#landing.clock.now());
  }

  #giveStored(stored: StoredAnswer, detail: string | undefined, status?: number, kept = false): void {
    const { reason } = this.plan;
    const { clock, events } = this.#landing;
    const now = clock.now();
    if (detail !== undefined) stored.route.stale += this.#readers.length;
    for (const reader of this.#takeReaders()) {
      const { sink, request, asked, collapsed } = reader;
      const cacheStatus = forwardStatus(reason, { status, stored: kept, collapsed, detail });
      request.facts.cache = cacheStatus;
      const giving = { stored, request, asked, sink, now, cacheStatus };
      // An instance has answered, and written down, the one for whom it was asked.
      const isEvent = collapsed || detail !== undefined;
      if (isEvent && events && stored.event) reader.held = giveNoted(events, stored.event, giving);
      else give(giving);
    }
  }

  #takeReaders(): Reader[] {
    const readers = this.#readers.splice(0);
    for (const reader of readers) reader.of = undefined;
    return readers;
  }

  /**
   * Those who joined ask for themselves where the answer is not for all, or varies by something in which they differ. The
   * one who was first may have left: then none of those who are here may have it.
   */
  #sendOthersOn(arriving: Arriving): void {
    const others = this.#readers.filter((reader) => reader.collapsed && !arriving.suits(reader));
    if (others.length > 0 && !arriving.isShareable()) this.#landing.unshareable(this.plan.key);
    this.#sendOn(others);
  }

  #sendOn(readers: readonly Reader[]): void {
    for (const reader of readers) {
      this.#forget(reader);
      this.#landing.askAlone(reader, this.plan.key, "miss");
    }
  }

  /** False where the reader gets nothing more. */
  #giveHead(arriving: Arriving, reader: Reader): boolean {
    if (arriving.wasKnownTo(reader, this.#landing.clock.now())) {
      this.#forget(reader);
      return false;
    }
    reader.sink.head(arriving.status, arriving.headersFor(reader));
    return true;
  }

  #keep({ status, headers, keeping }: Arriving, chunks: readonly Uint8Array[]): void {
    const { key, request, stored } = this.plan;
    const route = this.#route;
    if (!keeping || !route) return;
    const kept = fieldsToKeep(headers, keeping.omitted, formatHttpDate(this.#landing.clock.now()));
    const event = this.#event;
    const answer = arrivedAnswer({ key, request, route, status, headers: kept, keeping, event, chunks, stored });
    if (answer && this.#mayStillKeep(answer)) this.#landing.store.put(answer);
  }

  #mayStillKeep(answer: StoredAnswer): boolean {
    return !this.overtaken && !answer.tags.some((tag) => this.#purgedTags.has(tag));
  }

  #giveUpKeeping(): void {
    this.#isKept = false;
    this.#landing.filling -= this.#bytes;
    this.#body.keepNoMore(this.#readers);
    this.#landing.unlist(this);
    if (this.#readers.length > 0) return;
    // It was only fetched to be kept.
    this.#state = "over";
    this.#upstream?.abort();
  }

  #goOn(): void {
    this.#body.moved(this.#readers);
    if (!this.#resting || !this.#body.hasRoom(this.#readers)) return;
    this.#resting = false;
    this.#upstream?.resume();
  }

  #forget(reader: Reader): void {
    const at = this.#readers.indexOf(reader);
    if (at !== -1) this.#readers.splice(at, 1);
    reader.of = undefined;
  }

  #land(): void {
    if (this.#isKept && this.#state === "streaming") this.#landing.filling -= this.#bytes;
    this.#state = "over";
    this.#landing.unlist(this);
    // Where it is kept still, that was no good: the next try is not made at once.
    if (this.plan.stored) this.plan.stored.refreshFromMs = this.#landing.clock.now() + refreshPauseMs;
  }
}
