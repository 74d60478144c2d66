import type { Random } from "../../model/clock.ts";
import { checkEveryMs, fall, rise } from "./limits.ts";

/** What is known of a member from its active checks. */
export interface CheckState {
  /** `unchecked` counts as well: otherwise nothing could be asked in the first moments. The first check decides alone. */
  readonly verdict: "unchecked" | "passing" | "failing";
  /** How many checks in a row have spoken against the verdict, up to the latest. */
  readonly against: number;
  /** When the next check is to be made, in milliseconds since 1970. */
  readonly dueAt: number;
  /** Why the latest failed check failed; undefined while the verdict is `passing` and nothing speaks against it. */
  readonly because?: string;
}

/** How one check ended. `because` completes "the check failed: …", such as `status 503` or `no answer in 1,500 ms`. */
export type CheckResult = { readonly passed: true } | { readonly passed: false; readonly because: string };

/** A member that has just come: its first check is due within one period, so that many do not begin together. */
export function neverChecked(now: number, random: Random): CheckState {
  return { verdict: "unchecked", against: 0, dueAt: now + random() * checkEveryMs };
}

/**
 * What a check changes: `fall` failures in a row make a passing member fail, `rise` passes in a row a failing one pass. The
 * next check comes after `checkEveryMs`, a tenth more or less, so that several gateways do not check at the same moment.
 */
export function decideCheck(state: CheckState, result: CheckResult, now: number, random: Random): CheckState {
  const dueAt = now + checkEveryMs * (0.9 + 0.2 * random());
  const found = result.passed ? "passing" : "failing";
  const against = state.verdict === found ? 0 : state.against + 1;
  const enough = state.verdict === "unchecked" || against >= (result.passed ? rise : fall);
  const verdict = enough ? found : state.verdict;
  if (verdict === "passing" && result.passed) return { verdict, against: 0, dueAt };
  // A failing member keeps its reason until it passes for good.
  const because = result.passed ? state.because : result.because;
  return { verdict, against: enough ? 0 : against, dueAt, ...(because === undefined ? {} : { because }) };
}
