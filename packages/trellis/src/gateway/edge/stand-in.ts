import { isFailingStatus, mayStandIn } from "../../policies/http-cache/reuse.ts";
import type { UpstreamFailure } from "../exchange.ts";
import type { FlightPlan } from "./flight-plan.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/**
 * What is stored and may be given in the place of an answer that failed (RFC 9111 §4.2.4, RFC 5861 §4).
 *
 * @param failed - how, or the status that the origin answered with
 */
export function standIn(
  { stored, asked }: FlightPlan,
  failed: UpstreamFailure | number,
  now: number,
): StoredAnswer | undefined {
  const answered = typeof failed === "number";
  if (answered ? !isFailingStatus(failed) : isVerdict(failed)) return undefined;
  // A part may not be the part that is asked for.
  if (!stored || stored.part) return undefined;
  return mayStandIn(stored.keeping, asked.control, answered, now) ? stored : undefined;
}

/** Rather somebody's decision than a failing origin: nothing stands in for it. */
function isVerdict({ reason }: UpstreamFailure): boolean {
  return reason === "maintenance" || reason === "rate-limited" || reason === "unknown-host" || reason === "body-failed";
}
