import type { ForwardReason } from "../../policies/http-cache/cache-status.ts";
import type { GatewayRequest } from "../exchange.ts";
import type { Asked } from "./asked.ts";
import type { StoredAnswer } from "./stored-answer.ts";

/** What is asked of the origin, and what for. */
export interface FlightPlan {
  readonly key: string;
  /** As it goes to the origin. */
  readonly request: GatewayRequest;
  /** What its first reader asks, or who has caused it in the background. */
  readonly asked: Asked;
  readonly reason: ForwardReason;
  /** What the origin is asked about, or what stands in where it fails. */
  readonly stored: StoredAnswer | undefined;
  /**
   * What the request is about: whether `stored` still holds (it carries the validators), the rest of what `stored` has the
   * beginning of, or just what the client asks.
   */
  readonly seeks: "validation" | "rest" | "answer";
}
