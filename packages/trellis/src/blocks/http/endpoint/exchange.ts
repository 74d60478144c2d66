import type { Actor } from "../../../model/actor.ts";
import type { Mode } from "../../../model/block.ts";
import type { Clock, Random } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import type { Request } from "../../../model/request.ts";
import { type RequestClient, unknownClient } from "../../../model/request-client.ts";
import type { Route } from "../../../model/route.ts";
import { childTrace, formatTrace, parseTrace } from "../../../model/trace.ts";
import type { Transaction } from "../../../model/transaction.ts";
import type { ClientFacts } from "../../../policies/client-facts/client-facts.ts";
import { type Caller, header, lasts, type WireAnswer } from "../port.ts";
import { AnswerMisfit } from "./answer-misfit.ts";
import type { Flight } from "./flights.ts";
import { headerOf, type Incoming } from "./incoming.ts";
import { problemAnswer, toldError } from "./problem.ts";

/** What all requests of one route share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Log;
  readonly mode: Mode;
  /** What is told of clients. Without it nothing is known of any. */
  readonly clients?: ClientFacts | undefined;
  /** The app's public address. Empty: as the caller's `host` says. */
  readonly origin: string;
}

/** Keeps the answer that `result` makes, in `tx`, under the request's idempotency key. */
export type Keep = (tx: Transaction, result: unknown) => Promise<void>;

/**
 * One request from its arrival to its answer; what handlers get as `request`. Thousands are made a second, so what few
 * handlers read is made when it is read. How the answer travels back is for the subclass to say.
 */
export abstract class Exchange implements Record<keyof Request<Route>, unknown>, Caller, Flight {
  readonly incoming: Incoming;
  readonly requestId: string;
  readonly surroundings: Surroundings;
  /** Of its arrival, in milliseconds since 1970. */
  readonly startMs: number;
  deadlineMs: number;
  actor: Actor | undefined = undefined;
  params: unknown;
  query: unknown = undefined;
  body: unknown = undefined;
  keep: Keep | undefined = undefined;
  settled = false;
  place = -1;
  /** It has come whole, and its endpoint works on it. */
  served = false;
  /** An answer has begun that lasts: a stream of events, or a conversation. */
  streaming = false;
  /** Told of the answer as soon as there is one. */
  whenSettled: ((answer: WireAnswer) => void) | undefined = undefined;
  #headers: Headers | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #traceparent: string | undefined = undefined;
  #log: Log | undefined = undefined;

  constructor(incoming: Incoming, requestId: string, surroundings: Surroundings, timeoutMs: number) {
    this.incoming = incoming;
    this.requestId = requestId;
    this.surroundings = surroundings;
    this.params = incoming.params;
    this.startMs = surroundings.now();
    const asked = incoming.headers[header.timeout];
    this.deadlineMs = this.startMs + (asked === undefined ? timeoutMs : boundedTimeout(asked, timeoutMs));
  }

  get method(): string {
    return this.incoming.method;
  }

  /** Calls of this process are somebody's. */
  get refreshes(): boolean {
    return false;
  }

  /** Calls of this process have none. */
  get ip(): string {
    return "";
  }

  /** Calls of other services are nobody's own. */
  get client(): RequestClient {
    return unknownClient;
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.incoming);
    return this.#headers;
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  get origin(): string {
    return this.surroundings.origin || this.sentTo();
  }

  get now(): () => number {
    return this.surroundings.now;
  }

  get random(): Random {
    return this.surroundings.random;
  }

  get log(): Log {
    this.#log ??= this.surroundings.log.with({ requestId: this.requestId, traceId: this.traceparent.slice(3, 35) });
    return this.#log;
  }

  /** Ours: the caller's trace, or a new one, with a span of this request's own. */
  get traceparent(): string {
    this.#traceparent ??= formatTrace(
      childTrace(parseTrace(headerOf(this.incoming.headers, header.trace)), this.surroundings.random),
    );
    return this.#traceparent;
  }

  /** The span in which it is served, where traces are kept. */
  trace(traceparent: string | undefined): void {
    this.#traceparent = traceparent;
  }

  get tracestate(): string | undefined {
    const { headers } = this.incoming;
    // Without the trace that it belongs to it says nothing (W3C Trace Context, section 3.3.1.6).
    if (!parseTrace(headerOf(headers, header.trace))) return undefined;
    const state = headers[header.traceState];
    return typeof state === "object" ? state.join(",") : state;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.settled && !this.streaming) this.#controller.abort(gone());
      else this.whenGone(() => this.abort(gone()));
    }
    return this.#controller.signal;
  }

  // A property, not a method: handlers take it out of the request.
  get once(): <T>(tx: Transaction, result: T) => Promise<T> {
    return async (tx, result) => {
      await this.keep?.(tx, result);
      return result;
    };
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  expire(): boolean {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (!this.settled) {
      const error = this.late();
      this.abort(error);
      this.refuse(error);
    }
    return this.served;
  }

  cut(): boolean {
    const waitedFor = !this.settled;
    const error = new TrellisError("unavailable", { says: "This instance is ending", retryAfterMs: 1_000 });
    this.abort(error);
    if (waitedFor) this.refuse(error);
    return waitedFor;
  }

  /** Answers. What comes after the first answer is dropped: the caller has been told already. */
  settle(answer: WireAnswer): void {
    if (this.settled) return;
    this.settled = true;
    this.streaming = lasts(answer.body);
    if (this.streaming) this.deadlineMs = Number.POSITIVE_INFINITY;
    this.deliver(answer);
    this.whenSettled?.(answer);
  }

  /** Answers with a problem, and logs it where it is one of ours. */
  refuse(error: unknown): void {
    const told = toldError(error, this.surroundings.mode);
    if (told.status >= 500)
      this.log.error(told.message, { code: told.code, cause: told === error ? told.cause : error, ...misfit(error) });
    this.settle(problemAnswer(told, this.requestId));
  }

  /** Where the caller sent it, as far as that is known. */
  protected sentTo(): string {
    return `http://${headerOf(this.incoming.headers, "host") ?? "localhost"}`;
  }

  /** Whose fault it is that time is up. */
  protected late(): TrellisError {
    return new TrellisError("deadline-exceeded");
  }

  /** Sends the answer back. Called once. */
  protected abstract deliver(answer: WireAnswer): void;

  /** Calls `tell` when no one waits for the answer any more. */
  protected abstract whenGone(tell: () => void): void;
}

function misfit(error: unknown): { readonly fields?: unknown } {
  return error instanceof AnswerMisfit ? { fields: error.fields } : {};
}

function gone(): DOMException {
  return new DOMException("Nobody waits for the answer any more", "AbortError");
}

/** A caller may ask for less time than the route has, never for more. What is no number asks for nothing. */
function boundedTimeout(asked: string | readonly string[], timeoutMs: number): number {
  const askedMs = Number(asked);
  return askedMs > 0 ? Math.min(askedMs, timeoutMs) : timeoutMs;
}

function headersOf(incoming: Incoming): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === "string") headers.set(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  return headers;
}
