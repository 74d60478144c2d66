import type { ScaleKind, ScaleReason } from "../../policies/autoscaling/scale.ts";

/** A decision on how many instances a group has, and why: what changed something, and what was asked for and not done. */
export interface ScaleNote {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly group: string;
  readonly from: number;
  /** How many there should be. */
  readonly to: number;
  /** `held-back`: it would be done, and something else is under way. `failed`: one did not start. */
  readonly kind: ScaleKind | "held-back" | "failed";
  readonly says: string;
  readonly limitedBy?: NonNullable<ScaleReason["limitedBy"]>;
  /** Whether it was done. */
  readonly done: boolean;
}
