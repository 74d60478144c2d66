import { type ForwardReason, forwardStatus } from "../../policies/http-cache/cache-status.ts";
import { hasAlready, is304About } from "../../policies/http-cache/conditional.ts";
import { firstLine } from "../../policies/http-cache/fields.ts";
import { formatHttpDate } from "../../policies/http-cache/http-date.ts";
import { isFailingStatus, mayStandIn } from "../../policies/http-cache/reuse.ts";
import { fieldsOf304, fieldsToKeep, updatedFields } from "../../policies/http-cache/stored-fields.ts";
import { decideStoring, isKept, type Keeping } from "../../policies/http-cache/storing.ts";
import { selectingKey } from "../../policies/http-cache/vary.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop, UpstreamFailure } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import { give } from "./give.ts";
import { bytesOf } from "./kept-body.ts";
import type { Landing } from "./landing.ts";
import { refreshPauseMs } from "./limits.ts";
import { partOf } from "./parts.ts";
import type { Read, Reader } from "./reader.ts";
import type { StoredAnswer } from "./stored-answer.ts";
import { WaitingBody } from "./waiting-body.ts";

export interface FlightPlan {
  readonly key: string;
  /** As it goes to the origin. */
  readonly request: GatewayRequest;
  /** What its first reader asks, or who has caused it in the background. */
  readonly asked: Asked;
  readonly reason: ForwardReason;
  /** What the origin is asked about, or what stands in where it fails. */
  readonly stored: StoredAnswer | undefined;
  /** The request carries the validators of `stored`. */
  readonly validates: boolean;
}

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
  #keeping: Keeping | undefined;
  #status = 0;
  #headers: HeaderList = [];
  #bytes = 0;
  #resting = false;

  /** @param sharedAs - under which others find it, to join */
  constructor(plan: FlightPlan, landing: Landing, sharedAs?: string) {
    this.plan = plan;
    this.sharedAs = sharedAs;
    this.#landing = landing;
    this.#requestedMs = landing.clock.now();
  }

  start(next: Hop): void {
    const upstream = next.forward(this.plan.request, this);
    if (this.#state !== "over") this.#upstream = upstream;
  }

  /** Whether one who asks the same may wait for this answer. */
  fits(reader: Reader): boolean {
    if (this.overtaken || this.#state === "over") return false;
    return this.#state === "asking" || (this.#shareable() && this.#selects(reader));
  }

  join(reader: Reader): void {
    this.#readers.push(reader);
    reader.of = this;
    reader.position = 0;
    reader.paused = false;
    if (this.#state === "streaming" && !this.#giveHead(reader)) this.#body.give(reader);
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
    else if (this.#state === "asking" || !this.#keeping || firstLine(this.#headers, "content-length") === undefined) {
      this.#land();
      this.#upstream?.abort();
    }
  }

  interim(status: number, headers: HeaderList): void {
    if (this.#state === "asking") for (const reader of this.#readers) reader.sink.interim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    if (!this.#begin(status, headers)) return;
    for (const reader of [...this.#readers]) this.#giveHead(reader);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    if (!this.#begin(status, headers)) return;
    this.#land();
    if (this.#keeping) this.#keep([bytesOf(body)]);
    for (const reader of [...this.#readers]) {
      reader.of = undefined;
      if (!this.#tellsNothingNew(reader)) reader.sink.whole(status, this.#headersFor(reader), body);
    }
  }

  data(chunk: Uint8Array): boolean {
    if (this.#state !== "streaming") return true;
    this.#bytes += chunk.length;
    if (this.#keeping) {
      this.#landing.filling += chunk.length;
      if (!this.#landing.hasRoomFor(this.#bytes)) this.#giveUpKeeping();
    }
    const more = this.#body.add(chunk, this.#readers);
    this.#resting = !more;
    return more;
  }

  end(trailers?: HeaderList): void {
    if (this.#state !== "streaming") return;
    const said = firstLine(this.#headers, "content-length");
    if (said !== undefined && this.plan.request.method !== "HEAD" && Number(said) !== this.#bytes) {
      this.fail({ reason: "reset", says: `The answer has ${this.#bytes} bytes instead of ${said}` });
      return;
    }
    this.#land();
    if (this.#keeping) this.#keep(this.#body.chunks);
    this.#body.end(trailers, this.#readers);
  }

  fail(failure: UpstreamFailure): void {
    if (this.#state === "over") return;
    const asking = this.#state === "asking";
    this.#land();
    if (asking && this.#standsIn(false)) this.#giveStored(this.plan.stored as StoredAnswer, "disconnected");
    for (const reader of this.#takeReaders()) {
      if (asking) reader.request.facts.cache = forwardStatus(this.plan.reason);
      reader.sink.fail(failure);
    }
  }

  /** Settles what becomes of an answer. False where nothing of it is given on. */
  #begin(status: number, headers: HeaderList): boolean {
    if (this.#state !== "asking") return false;
    const { stored, validates, asked } = this.plan;
    if (validates && stored && status === 304) {
      this.#validated(stored, headers);
      return false;
    }
    if (isFailingStatus(status) && this.#standsIn(true)) {
      this.#land();
      this.#giveStored(this.plan.stored as StoredAnswer, "stale-if-error", status);
      return false;
    }
    this.#state = "streaming";
    this.#status = status;
    this.#headers = headers;
    this.#keeping = this.#decide(status, headers);
    this.#count();
    if (!this.#keeping) {
      this.#body.keepNoMore(this.#readers);
      if (stored && status < 500 && !asked.noStore && !asked.authorized) this.#landing.store.delete(stored);
    }
    this.#sendOthersOn();
    return true;
  }

  #decide(status: number, headers: HeaderList): Keeping | undefined {
    const { request, asked } = this.plan;
    if (this.overtaken || request.method !== "GET") return undefined;
    const decision = decideStoring(asked, status, headers, this.#times());
    if (!isKept(decision) || (status === 206 && !partOf(headers))) return undefined;
    return this.#landing.mayKeep(headers) ? decision : undefined;
  }

  #times() {
    return { requestedMs: this.#requestedMs, answeredMs: this.#landing.clock.now() };
  }

  /** RFC 9111 §4.3.3, §4.3.4: the origin says that what is stored still holds. */
  #validated(stored: StoredAnswer, headers: HeaderList): void {
    const validators = { etag: firstLine(headers, "etag"), lastModified: firstLine(headers, "last-modified") };
    this.#land();
    if (!is304About(validators, stored.validators)) {
      this.#landing.store.delete(stored);
      for (const reader of this.#takeReaders()) this.#landing.askAlone(reader, this.plan.key, "stale");
      return;
    }
    const fields = updatedFields(stored.headers, headers);
    const decision = decideStoring(this.plan.asked, stored.status, fields, this.#times());
    const keeping = isKept(decision) ? decision : stored.keeping;
    const updated = stored.updated(fieldsToKeep(fields, keeping.omitted, this.#now()), keeping);
    const kept = isKept(decision) && this.#mayStillKeep(updated);
    if (kept) this.#landing.store.put(updated);
    else this.#landing.store.delete(stored);
    updated.route.stale += this.#readers.length;
    this.#giveStored(updated, undefined, 304, kept);
  }

  #standsIn(answered: boolean): boolean {
    const { stored, asked } = this.plan;
    return (
      !!stored && !this.overtaken && mayStandIn(stored.keeping, asked.control, answered, this.#landing.clock.now())
    );
  }

  #giveStored(stored: StoredAnswer, detail: string | undefined, status?: number, kept = false): void {
    const { reason } = this.plan;
    const now = this.#landing.clock.now();
    if (detail !== undefined) stored.route.stale += this.#readers.length;
    for (const { sink, request, asked, collapsed } of this.#takeReaders()) {
      const cacheStatus = forwardStatus(reason, { status, stored: kept, collapsed, detail });
      request.facts.cache = cacheStatus;
      give({ stored, request, asked, sink, now, cacheStatus });
    }
  }

  #takeReaders(): Reader[] {
    const readers = this.#readers.splice(0);
    for (const reader of readers) reader.of = undefined;
    return readers;
  }

  /** Those who joined ask for themselves where the answer is not for all, or varies by something in which they differ. */
  #sendOthersOn(): void {
    if (this.#readers.length > 1 && !this.#shareable()) this.#landing.unshareable(this.plan.key);
    for (const reader of this.#readers.slice(1)) {
      if (this.#shareable() && this.#selects(reader)) continue;
      this.#forget(reader);
      this.#landing.askAlone(reader, this.plan.key, "miss");
    }
  }

  #shareable(): boolean {
    return this.#keeping !== undefined && this.#status !== 206;
  }

  #selects(reader: Reader): boolean {
    const vary = this.#keeping?.vary ?? [];
    return (
      vary.length === 0 || selectingKey(vary, reader.request.headers) === selectingKey(vary, this.plan.request.headers)
    );
  }

  /** True where that was all that the reader gets. */
  #giveHead(reader: Reader): boolean {
    if (this.#tellsNothingNew(reader)) {
      this.#forget(reader);
      return true;
    }
    reader.sink.head(this.#status, this.#headersFor(reader));
    return false;
  }

  /** A client that has this very answer already is told so. */
  #tellsNothingNew({ asked, sink, request }: Reader): boolean {
    const now = this.#landing.clock.now();
    if (!this.#keeping || this.#status !== 200 || !asked.hasValidator) return false;
    const validators = {
      etag: firstLine(this.#headers, "etag"),
      lastModified: firstLine(this.#headers, "last-modified"),
    };
    if (!hasAlready(asked, validators, this.#keeping.madeMs, now)) return false;
    const cacheStatus = forwardStatus(this.plan.reason, { status: 200, stored: true });
    request.facts.cache = cacheStatus;
    sink.whole(304, [...fieldsOf304(this.#headers), "cache-status", `trellis; ${cacheStatus}`], "");
    return true;
  }

  #headersFor({ request, collapsed }: Reader): HeaderList {
    const cacheStatus = forwardStatus(this.plan.reason, { stored: this.#keeping !== undefined, collapsed });
    request.facts.cache = cacheStatus;
    return [...this.#headers, "cache-status", `trellis; ${cacheStatus}`];
  }

  #count(): void {
    const { stored, request } = this.plan;
    const count = this.#landing.counts.of(request.facts.service);
    if (stored) count.stale += this.#readers.length;
    else count.misses += this.#readers.length;
  }

  #keep(chunks: readonly Uint8Array[]): void {
    const { key, request, stored } = this.plan;
    const keeping = this.#keeping as Keeping;
    const headers = fieldsToKeep(this.#headers, keeping.omitted, this.#now());
    const kept = this.#landing.answer({ key, request, status: this.#status, headers, keeping, chunks, stored });
    if (kept && this.#mayStillKeep(kept)) this.#landing.store.put(kept);
  }

  #mayStillKeep(kept: StoredAnswer): boolean {
    return !this.overtaken && !kept.tags.some((tag) => this.#purgedTags.has(tag));
  }

  #giveUpKeeping(): void {
    this.#keeping = undefined;
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
    if (this.#keeping && this.#state === "streaming") this.#landing.filling -= this.#bytes;
    this.#state = "over";
    this.#landing.unlist(this);
    // Where it is kept still, that was no good: the next try is not made at once.
    if (this.plan.stored) this.plan.stored.refreshFromMs = this.#landing.clock.now() + refreshPauseMs;
  }

  #now(): string {
    return formatHttpDate(this.#landing.clock.now());
  }
}
