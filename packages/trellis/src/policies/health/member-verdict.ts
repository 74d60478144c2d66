import type { MemberStatus } from "../pool-status.ts";
import type { CheckState } from "./active-check.ts";
import { type EjectionState, isEjected } from "./passive-ejection.ts";

/**
 * Where a member is in its life, as its owner says:
 * - `starting`: not ready yet.
 * - `serving`: may be asked, as far as its owner knows.
 * - `unreachable`: there is no connection to it; whoever holds the connections tries again.
 * - `draining`: finishes what it has.
 */
export type MemberPhase = "starting" | "serving" | "unreachable" | "draining";

export interface MemberHealth {
  readonly phase: MemberPhase;
  readonly checks: CheckState;
  readonly ejection: EjectionState;
}

/** What comes of all that is known of a member. */
export interface Verdict {
  readonly status: MemberStatus;
  readonly kind: "well" | "starting" | "unreachable" | "draining" | "failing-checks" | "ejected";
  /** For people, completes "web-2 …": `is ejected after 5 failures in a row`. */
  readonly says: string;
  /** When it changes by itself, in milliseconds since 1970. */
  readonly until?: number;
}

const well: Verdict = { status: "usable", kind: "well", says: "is well" };
const closed = {
  starting: { status: "closed", kind: "starting", says: "is starting" },
  unreachable: { status: "closed", kind: "unreachable", says: "takes no connection" },
  draining: { status: "closed", kind: "draining", says: "finishes what it has, and gets nothing new" },
} as const satisfies Readonly<Record<string, Verdict>>;

/** What its owner says counts most, then its checks, then its answers: an ejected member that fails its checks is failing. */
export function judge({ phase, checks, ejection }: MemberHealth, now: number): Verdict {
  if (phase !== "serving") return closed[phase];
  if (checks.verdict === "failing")
    return {
      status: "suspect",
      kind: "failing-checks",
      says: `fails its checks: ${checks.because ?? "no reason given"}`,
    };
  if (isEjected(ejection, now)) return ejected(ejection);
  return well;
}

function ejected({ ejections, until }: EjectionState): Verdict {
  const again = ejections > 1 ? `, ${ejections} times of late` : "";
  return { status: "suspect", kind: "ejected", says: `is left alone for its failures${again}`, until };
}
