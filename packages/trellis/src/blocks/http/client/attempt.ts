import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import { type Transport, Unsent, type WireAnswer, type WireCall } from "../port.ts";
import type { Wait } from "./wait.ts";

/** What became of a call: its answer, or why there is none. */
export type Attempted = { readonly answer: WireAnswer } | NoAnswer;

export interface NoAnswer {
  readonly answer?: undefined;
  /** For people: `connection refused`. */
  readonly because: string;
  /** False: nothing of it reached the other side. */
  readonly sent: boolean;
  /** Time ran out. */
  readonly late: boolean;
  /** When it may be worth asking again, where that is known. */
  readonly retryAfterMs?: number;
}

/** Asks once. Throws the caller's reason where it gave up, and what is wrong with the call itself. */
export async function attempt(transport: Transport, call: WireCall, wait: Wait, clock: Clock): Promise<Attempted> {
  const begunMs = clock.now();
  try {
    return { answer: await wait.for(transport(call)) };
  } catch (error) {
    if (error instanceof TrellisError) throw error;
    if (wait.gaveUp()) throw wait.signal.reason;
    if (wait.signal.aborted)
      return { because: `no answer in ${Math.round(clock.now() - begunMs)} ms`, sent: true, late: true };
    return { because: whatHappened(error), sent: !isUnsent(error), late: false };
  }
}

/** Whether nothing of a call reached the other side, by what its transport rejected with. */
export function isUnsent(error: unknown): boolean {
  return error instanceof Unsent || unsentCodes.has(codeOf(error));
}

function whatHappened(error: unknown): string {
  return error instanceof Unsent ? error.message : (reasons[codeOf(error)] ?? "the connection broke off");
}

/** What Node.js says when there was no connection to send anything on. */
const unsentCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Also what our transport says itself: `NO_WEBSOCKET`. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its host is not known",
  EAI_AGAIN: "its host is not known",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its host cannot be reached",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  NO_WEBSOCKET: "it answers, but not with a WebSocket",
};

/** `fetch` wraps what happened to the connection. */
function codeOf(error: unknown): string {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined || cause === error ? "" : codeOf(cause);
}
