import type { Duplex } from "node:stream";
import { TrellisError } from "../../model/errors.ts";
import { isEventStream } from "../event-stream-answer.ts";
import type { Forwarding, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import { answerHeader } from "./answer-headers.ts";
import type { FrontDesk } from "./front-desk.ts";
import type { Incoming } from "./incoming.ts";
import { errorOfFailure, ownAnswer } from "./own-answer.ts";
import type { Waiting } from "./under-way.ts";

/**
 * One request and its answer, on their way to a client. What follows from HTTP itself is here; the subclasses write it
 * as their version of HTTP does. Whatever is told after the end is ignored, so that nothing reaches another answer.
 */
export abstract class ClientExchange implements UpgradeSink, Waiting {
  before: Waiting | undefined = undefined;
  after: Waiting | undefined = undefined;
  /** When a stream of events has begun, which its answer is. */
  streamsSinceMs = Number.POSITIVE_INFINITY;
  protected readonly desk: FrontDesk;
  protected readonly incoming: Incoming;
  protected headSent = false;
  protected over = false;
  readonly #since: number;
  #forwarding: Forwarding | undefined = undefined;
  #status = 0;
  #bytes = 0;
  /** What `content-length` announced; -1 where nothing did. */
  #announced = -1;
  #answersItself = false;
  /** Since when the client takes nothing; 0 while it does. */
  #stalledMs = 0;

  constructor(desk: FrontDesk, incoming: Incoming) {
    this.desk = desk;
    this.incoming = incoming;
    this.#since = desk.arrived();
    desk.underWay.add(this);
  }

  get deadlineMs(): number {
    return this.incoming.deadlineMs;
  }

  /** Passes the request on, or answers what is the gateway's own. */
  forward(): void {
    const { desk, incoming } = this;
    const own = desk.wellKnown?.(incoming.authority, incoming.target);
    if (own !== undefined)
      return void this.whole(200, ["content-type", "text/plain", "cache-control", "no-store"], own);
    this.#forwarding = desk.hop.forward(incoming, this);
    if (!this.over) this.watch();
  }

  /** The same for a request to switch protocols. */
  forwardUpgrade(): void {
    this.#forwarding = this.desk.hop.upgrade(this.incoming, this);
    if (!this.over) this.watch();
  }

  interim(status: number, headers: HeaderList): void {
    // 100 is the front's to say, 101 ends what a sink can tell.
    if (this.headSent || this.over || status <= 101 || status >= 200) return;
    this.writeInterim(status, headers);
  }

  head(status: number, headers: HeaderList): void {
    if (this.headSent || this.over) return;
    if (status < 200) return void this.#failedHead();
    const out = this.#headersFor(status, headers);
    this.#status = status;
    this.headSent = true;
    if (isEventStream(headers)) this.streamsSinceMs = this.desk.clock.now();
    if (!this.writeHead(status, out)) this.#failedHead();
  }

  data(chunk: Uint8Array): boolean {
    if (!this.headSent || this.over) return true;
    this.#bytes += chunk.length;
    if (this.#announced >= 0 && this.#bytes > this.#announced && this.#hasBody) {
      // A byte more would be read as the beginning of the next answer.
      this.#giveUp();
      return true;
    }
    const goesOn = this.writeData(chunk);
    if (!goesOn && this.#stalledMs === 0) this.#stalledMs = this.desk.clock.now();
    return goesOn;
  }

  end(trailers?: HeaderList): void {
    if (!this.headSent || this.over) return;
    if (this.#announced >= 0 && this.#bytes < this.#announced && this.#hasBody) return void this.#cutOff();
    this.writeEnd(trailers);
    this.#leave(true);
  }

  whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    if (this.headSent || this.over) return;
    const out = this.#headersFor(status, headers);
    this.#status = status;
    this.#bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    if (this.#announced >= 0 ? this.#announced !== this.#bytes && this.#hasBody : status < 200)
      return void this.#failedHead();
    if (this.#announced < 0 && (this.#hasBody || this.#bytes > 0) && status !== 204 && status !== 304)
      out.push("content-length", String(this.#bytes));
    this.headSent = true;
    if (!this.writeWhole(status, out, body, this.#bytes)) return void this.#failedHead();
    this.#leave(true);
  }

  fail(failure: UpstreamFailure): void {
    if (this.over) return;
    if (this.headSent) this.#cutOff();
    else this.answerError(this.#errorOf(failure), failure.headers);
  }

  switched(headers: HeaderList): Duplex {
    this.headSent = true;
    this.#status = 101;
    const duplex = this.writeSwitched(headers);
    this.#leave(true);
    return duplex;
  }

  late(): void {
    if (this.over) return;
    if (this.headSent) {
      // What has begun may last as long as it likes, unless the client takes nothing of it.
      if (this.#stalledMs > 0 && this.desk.clock.now() - this.#stalledMs >= this.desk.stalledMs) this.#giveUp();
      return;
    }
    this.#abort();
    this.answerError(new TrellisError(this.bodyIsWhole() ? "deadline-exceeded" : "request-timeout"));
  }

  /** An answer of the gateway's own, while there is none yet; what is under way is given up by whoever calls. */
  answerError(error: TrellisError, more: HeaderList = []): void {
    if (this.over || this.headSent) return;
    this.#answersItself = true;
    const { status, headers, body } = ownAnswer(error, this.incoming.accept, this.incoming.requestId);
    headers.push(...more);
    this.whole(status, headers, body);
  }

  /** The request turned out to be unsound while it was passed on: too large, not HTTP, too slow. */
  refuse(error: TrellisError): void {
    if (this.over) return;
    this.#abort();
    if (this.headSent) return void this.#cutOff();
    this.closeAfter(error.code === "body-too-large");
    this.answerError(error);
  }

  /** The client has left. */
  gone(): void {
    if (this.over) return;
    this.#abort();
    this.#leave(false);
  }

  /** Whether the client has sent all of its request. */
  abstract bodyIsWhole(): boolean;

  protected resume(): void {
    this.#stalledMs = 0;
    this.#forwarding?.resume();
  }

  /** From now on the client may leave before there is an answer. */
  protected abstract watch(): void;
  protected abstract writeInterim(status: number, headers: HeaderList): void;
  /** False: these headers cannot be written. Nothing was. */
  protected abstract writeHead(status: number, headers: string[]): boolean;
  protected abstract writeData(chunk: Uint8Array): boolean;
  protected abstract writeEnd(trailers: HeaderList | undefined): void;
  /** `bytes` is how long the body is as it is sent. */
  protected abstract writeWhole(status: number, headers: string[], body: Uint8Array | string, bytes: number): boolean;
  protected abstract writeSwitched(headers: HeaderList): Duplex;
  /** The answer ends here, and the client must see that it is not whole. */
  protected abstract cut(): void;
  /**
   * The connection is not used for another request after this answer. `listening`: the client is still sending, and may
   * not look for an answer before it is done.
   */
  protected abstract closeAfter(listening: boolean): void;

  /** Headers of this connection. */
  protected abstract addOwnHeaders(headers: string[]): void;

  get #hasBody(): boolean {
    return this.incoming.method !== "HEAD" && this.#status !== 304 && this.#status !== 204;
  }

  /** End-to-end headers only, and those of the gateway itself. */
  #headersFor(status: number, headers: HeaderList): string[] {
    const { desk, incoming } = this;
    const out: string[] = [];
    let hasHsts = false;
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      const kind = answerHeader(name);
      if (kind === "drop" || (kind === "length" && status === 204)) continue;
      if (kind === "length") this.#announced = Number(headers[index + 1]);
      else if (kind === "hsts") hasHsts = true;
      out.push(name, headers[index + 1] as string);
    }
    out.push("x-request-id", incoming.requestId);
    const timing = serverTiming(incoming.facts.cache, incoming.facts.upstreamMs);
    if (timing !== undefined) out.push("server-timing", timing);
    if (incoming.scheme === "https" && desk.hsts !== undefined && !hasHsts)
      out.push("strict-transport-security", desk.hsts);
    this.addOwnHeaders(out);
    return out;
  }

  #errorOf(failure: UpstreamFailure): TrellisError {
    if (failure.reason === "unknown-host" && this.isMisdirected()) return new TrellisError("misdirected");
    return errorOfFailure(failure);
  }

  /** Whether the request names another host than the connection was made for. */
  protected isMisdirected(): boolean {
    return false;
  }

  #failedHead(): void {
    this.headSent = false;
    this.#announced = -1;
    this.#abort();
    if (this.#answersItself) return void this.#cutOff();
    this.answerError(new TrellisError("no-answer"));
  }

  #cutOff(): void {
    this.cut();
    this.#leave(false);
  }

  #giveUp(): void {
    this.#abort();
    this.#cutOff();
  }

  #abort(): void {
    const forwarding = this.#forwarding;
    this.#forwarding = undefined;
    forwarding?.abort();
  }

  #leave(whole: boolean): void {
    this.over = true;
    this.#forwarding = undefined;
    this.desk.underWay.remove(this);
    this.desk.note(this.incoming, this.#status, this.#bytes, whole, this.#since);
    this.left();
  }

  /** The exchange is over. */
  protected abstract left(): void;
}

const hit = "edge;desc=hit";

function serverTiming(cache: string | undefined, upstreamMs: number | undefined): string | undefined {
  if (cache === undefined) return upstreamMs === undefined ? undefined : `upstream;dur=${rounded(upstreamMs)}`;
  if (upstreamMs === undefined) return cache.startsWith("hit") ? hit : undefined;
  const edge = cache.startsWith("hit") ? hit : "edge;desc=miss";
  return `${edge}, upstream;dur=${rounded(upstreamMs)}`;
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
