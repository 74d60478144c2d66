/** Why a request was passed on (RFC 9211 §2.2). */
export type ForwardReason = "bypass" | "method" | "uri-miss" | "vary-miss" | "miss" | "request" | "stale" | "partial";

/** What was given without asking the origin (RFC 9211 §2.1), with the seconds for which it is still fresh (§2.4). */
export function hitStatus(freshUntilMs: number, now: number): string {
  return `hit; ttl=${Math.floor((freshUntilMs - now) / 1_000)}`;
}

/** What the origin was asked for, and what came of it (RFC 9211 §2.2, §2.3, §2.5, §2.6). */
export function forwardStatus(
  reason: ForwardReason,
  { status, stored, collapsed, detail }: ForwardOutcome = {},
): string {
  let text = `fwd=${reason}`;
  if (status !== undefined) text += `; fwd-status=${status}`;
  if (stored) text += "; stored";
  if (collapsed) text += "; collapsed";
  if (detail !== undefined) text += `; detail=${detail}`;
  return text;
}

interface ForwardOutcome {
  /** What the origin answered, where that differs from what the client is told. */
  readonly status?: number | undefined;
  readonly stored?: boolean;
  /** Together with others that asked the same. */
  readonly collapsed?: boolean;
  /** A token. */
  readonly detail?: string | undefined;
}
