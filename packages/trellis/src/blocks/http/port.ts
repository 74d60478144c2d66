import type { Actor } from "../../model/actor.ts";
import type { EngineName } from "../../model/block.ts";
import type { Contract, Routes } from "../../model/contract.ts";
import type { ConversationEnd } from "../../model/conversation.ts";
import type { Transaction } from "../../model/transaction.ts";

/**
 * One call of a route as the wire carries it, with or without a wire: strings in, strings out. A call in process and a
 * call over HTTP differ in nothing but the transport, so both have the same encoding, validation and errors.
 */
export interface WireCall {
  readonly service: string;
  /** The route's name in its contract. */
  readonly route: string;
  readonly method: string;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters, decoded. A repeated one is a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, where the route takes a body. */
  readonly body?: string;
  /** Aborted when the caller no longer waits. */
  readonly signal?: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON (also of a problem), nothing, the bytes of a file, one JSON text an event, or with `101` texts both ways. */
  readonly body: string | Uint8Array | AsyncIterable<string> | WireSocket;
}

/** One side of a conversation, as the other one holds it: messages are JSON texts. */
export interface WireSocket {
  /** Resolves when it takes the next one. What comes after its end is dropped. */
  send(text: string): Promise<void>;
  /** What it sends, for one reader. Ends with it. */
  readonly texts: AsyncIterator<string, undefined>;
  /** Resolves when it has ended: whoever reads may still find what it sent before. */
  readonly ended: Promise<ConversationEnd>;
  /** Ends it; without effect where it has ended. */
  end(end: ConversationEnd): void;
}

/** Whether an answer is a stream of events. */
export function isLive(body: WireAnswer["body"]): body is AsyncIterable<string> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

/** Whether an answer is a conversation. */
export function isSocket(body: WireAnswer["body"]): body is WireSocket {
  return typeof body === "object" && "texts" in body;
}

/** Whether an answer goes on after it has begun. */
export function lasts(body: WireAnswer["body"]): body is AsyncIterable<string> | WireSocket {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** Carries a call to where its service runs. Rejects only when there is no answer at all. */
export type Transport = (call: WireCall) => Promise<WireAnswer>;

/** What a transport rejects with when nothing of the call was sent: it may be tried again, whatever it asks for. */
export class Unsent extends Error {}

/** How the calls of one service to another go, for figures and for people. */
export interface CallsLook {
  readonly from: string;
  readonly to: string;
  /** `open`: the other is not asked; `half-open`: a few calls try whether it is back. */
  readonly circuit: "closed" | "open" | "half-open";
  /** Why the circuit is not closed. */
  readonly because?: string;
  /** When it is tried again, in milliseconds since 1970. */
  readonly retryAt?: number;
  readonly underWay: number;
  /** For a place among those under way. */
  readonly waiting: number;
}

/** What a caller's context passes on with every call that it makes. */
export interface Caller {
  readonly actor: Actor | undefined;
  /** `traceparent` of the request that is being served. */
  readonly traceparent: string;
  /** What tracing systems on the way keep beside it, as it came. */
  readonly tracestate: string | undefined;
  readonly requestId: string;
  /** Milliseconds since 1970 by which the caller needs its answer; infinite while it serves a stream of events. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What stands behind `calls(contract)`: knows where each service runs, and for whom the present request is. */
export interface CallsEngine {
  transport(contract: Contract<string, Routes>): Transport;
  /** The request that the code now running serves, or undefined outside of any request. */
  caller(): Caller | undefined;
  /** Signs who is asking `service`, for the header `x-trellis-caller` of a call that leaves now. */
  sign(caller: Caller, service: string, nowMs: number): string;
  /** Whoever guards calls lets the instance look at how they go. */
  watch(look: () => CallsLook): void;
}

export const callsEngine: EngineName<CallsEngine> = "calls";

/** Gives a repeated request its first answer, so that a retry changes nothing. */
export interface Idempotency {
  /**
   * Runs `work` unless the key has an answer already, which is then given instead. `keep` stores the answer in `tx`, so
   * that it holds exactly when the work does; an answer that was not kept is stored after `work`, unless its status is
   * 500 or more or `work` throws: then the key is free again, for a retry. Bodies here are always text. Throws
   * `key-reused` where the key came with another request, `key-in-progress` where the first one still runs.
   */
  run(ask: OnceAsk, work: (keep: KeepAnswer) => Promise<WireAnswer>): Promise<WireAnswer>;
}

/** Which request a key stands for. Keys of different actors never meet. */
export interface OnceAsk {
  readonly service: string;
  readonly route: string;
  /** Checked: 1 to 255 printable ASCII characters. */
  readonly key: string;
  readonly actorId: string;
  /** Equal for the same request only. */
  readonly requestHash: string;
}

export type KeepAnswer = (tx: Transaction, answer: WireAnswer) => Promise<void>;

/** Headers of the platform's own, lower case. */
export const header = {
  requestId: "x-request-id",
  trace: "traceparent",
  traceState: "tracestate",
  /** Milliseconds that the caller still has, when it sends. */
  timeout: "x-request-timeout-ms",
  caller: "x-trellis-caller",
  /** The service that calls. Nothing hangs on its being true: whoever sends it is no person's browser. */
  from: "x-trellis-from",
  idempotencyKey: "idempotency-key",
} as const;
