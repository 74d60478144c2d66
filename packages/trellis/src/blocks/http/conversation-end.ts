import type { ConversationEnd } from "../../model/conversation.ts";
import { type ErrorCode, errorCatalogue, TrellisError } from "../../model/errors.ts";

/** It was over (RFC 6455, section 7.4.1, as the other codes below 4000). */
export const over: ConversationEnd = { code: 1000, reason: "" };
export const instanceEnding: ConversationEnd = { code: 1001, reason: "This instance is ending" };
/** The other side is gone without a word. */
export const brokenOff: ConversationEnd = { code: 1006, reason: "" };

/** A close frame has room for no more. */
const reasonBytesMax = 123;
/** Codes from here to 4999 are the application's own: a problem's is this and its status. */
const problemCode = 4_000;

/** How a conversation ends that this error ends. */
export function endOfError({ code, status, message }: TrellisError): ConversationEnd {
  return { code: problemCode + status, reason: cut(`${code}: ${message}`) };
}

/** Why a conversation ended; undefined where it was over. */
export function errorOfEnd({ code, reason }: ConversationEnd): TrellisError | undefined {
  // 1005: closed without a code, as `WebSocket.close()` does.
  if (code === over.code || code === 1005) return undefined;
  const [, name = "", says = ""] = /^([\w-]+): ?(.*)$/s.exec(reason) ?? [];
  if (code >= problemCode && name in errorCatalogue) return new TrellisError(name as ErrorCode, says ? { says } : {});
  if (code === 1009) return new TrellisError("body-too-large", { says: "The message is too large" });
  const why = code === brokenOff.code ? "The connection broke off" : reason || `The socket was closed with ${code}`;
  return new TrellisError("unavailable", { says: why, retryAfterMs: 1_000 });
}

/** Of at most so many bytes, with no character cut in two. */
function cut(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(reasonBytesMax));
  return text.slice(0, read);
}
