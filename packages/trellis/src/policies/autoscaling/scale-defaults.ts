import type { ScaleParams } from "./scale.ts";

/**
 * The constants of the Kubernetes horizontal pod autoscaler (tolerance, the way down and up, version 1.35) and of Knative
 * (stable and panic window, the way to zero, version 1.20), around signals that fit one event loop.
 */
export const scaleDefaults: Omit<ScaleParams, "instancesMin" | "instancesMax"> = {
  loopUtilizationTarget: 0.6,
  inFlightTarget: 64,
  poolWaitMsMax: 50,
  oldestJobMsMax: 30_000,
  latencyMsGuard: 1_000,
  tolerance: 0.1,
  stableMs: 60_000,
  panicMs: 6_000,
  panicRatio: 2,
  downMs: 300_000,
  upMs: 15_000,
  upFactor: 2,
  upStep: 4,
  idleMs: 60_000,
  graceMs: 30_000,
  memoryShareMax: 0.9,
  instancesPerCore: 2,
};
