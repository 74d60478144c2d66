/** Why a try gave no answer, in the gateway's words, or `unavailable`: it answered 503. */
export type TryFailure =
  | "connect" // no connection could be made
  | "unsent" // the connection ended before the request was written
  | "reset" // it ended after that
  | "timeout" // the try's own time was up
  | "invalid-answer"
  | "unavailable";

/** A try of a request that gave no answer that could be passed on. */
export interface FailedTry {
  readonly method: string;
  /** Whether any byte of the request may have reached the other side. */
  readonly sent: boolean;
  /** Whether all of it is still at hand: it has no body, a body that was kept, or one of which nothing was sent. */
  readonly repeatable: boolean;
  /** Whether the client already has the beginning of an answer. */
  readonly answered: boolean;
  readonly hasIdempotencyKey: boolean;
  /** How often it was tried, this time included. */
  readonly tries: number;
  readonly failure: TryFailure;
}

/** A request is tried this often at most: a third instance that fails too says more about the request than about them. */
export const triesMax = 3;

/** RFC 9110, section 9.2.2. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Whether a failed try may be followed by another one, given a place in the `RetryBudget` and time left in the request's
 * deadline: nothing of it was sent, or doing it twice is the same as once (RFC 9110, 9.2.2), which is also promised by who
 * sends an `Idempotency-Key`. An answer of 500 is an answer: the same code would fail again.
 */
export function mayRetry(tried: FailedTry): boolean {
  if (tried.answered || !tried.repeatable || tried.tries >= triesMax) return false;
  if (!tried.sent || tried.failure === "connect" || tried.failure === "unsent") return true;
  return idempotent.has(tried.method) || tried.hasIdempotencyKey;
}
