import type { CanaryEvidence, CanaryPlan, ReleaseEvidence, RolloutKind } from "./rollout.ts";

export interface CanaryVerdict {
  readonly verdict: "hold" | "promote" | "roll-back";
  readonly kind: RolloutKind;
  readonly says: string;
  /** Whether the new release is slower than it may be, now. */
  readonly isSlow: boolean;
}

/** What a canary is judged by. */
export const canaryRules = {
  /** From so many requests on, failures can speak against the new release. */
  requestsToBlame: 10,
  /** From so many on, their absence speaks for it. */
  requestsToTrust: 50,
  /** From so many on (two beyond the 99th percentile), both releases' percentiles are compared. */
  requestsToTime: 200,
  /** So much more of the requests may fail than before: less is nobody's business, however certain. */
  failureMargin: 0.001,
  /**
   * How likely it may be that an equally good release looks so bad by chance: at each look before the end, and at the end. With
   * a look a second for five minutes, all looks together send fewer than 2 of 100 good releases back.
   */
  significanceEarly: 0.00001,
  significanceAtEnd: 0.01,
  p99Ratio: 1.5,
  p99MsMore: 20,
  /** So long must it have been slow without a pause: ten seconds of few requests say little. */
  slowMs: 30_000,
} as const;

/**
 * What a canary's figures say, from the same time and the same traffic on both releases. Until its time is over it goes back
 * as soon as it is certainly worse; then it is promoted unless it is probably worse. One that got too few requests to be
 * judged is promoted if none of them failed; if some did, it is held for as long again, and then goes back.
 */
export function judgeCanary(
  { fresh, old }: CanaryEvidence,
  elapsedMs: number,
  slowForMs: number,
  { forMs }: CanaryPlan,
): CanaryVerdict {
  const isOver = elapsedMs >= forMs;
  const isSlow = isSlower(fresh, old);
  const counts = `${failedOf(fresh)}; before: ${failedOf(old)}`;
  const likelihood = likelihoodByChance(fresh, old);
  const significance = isOver ? canaryRules.significanceAtEnd : canaryRules.significanceEarly;
  if (fresh.requests >= canaryRules.requestsToBlame && isMoreOften(fresh, old) && likelihood < significance)
    return { verdict: "roll-back", kind: "errors", says: `More requests fail than before: ${counts}`, isSlow };
  const times = `99 of 100 answers take up to ${ms(fresh)}, before ${ms(old)}`;
  if (isSlow && slowForMs >= Math.min(canaryRules.slowMs, forMs / 2))
    return { verdict: "roll-back", kind: "slow", says: `It is slower: ${times}`, isSlow };
  if (!isOver) return { verdict: "hold", kind: "watching", says: counts, isSlow };
  if (isSlow) return { verdict: "hold", kind: "watching", says: `It may be slower: ${times}`, isSlow };
  if (fresh.requests >= canaryRules.requestsToTrust)
    return { verdict: "promote", kind: "promoted", says: `No worse than before: ${counts}`, isSlow };
  if (fresh.requests === 0)
    return { verdict: "promote", kind: "promoted", says: "Nobody asked it in its time, so nothing failed", isSlow };
  if (fresh.failures === 0)
    return { verdict: "promote", kind: "promoted", says: `Few requests, but none failed: ${counts}`, isSlow };
  if (elapsedMs < 2 * forMs)
    return { verdict: "hold", kind: "watching", says: `Too few requests to judge it: ${counts}`, isSlow };
  return {
    verdict: "roll-back",
    kind: "errors",
    says: `Too few requests to trust it, and some failed: ${counts}`,
    isSlow,
  };
}

function isMoreOften(fresh: ReleaseEvidence, old: ReleaseEvidence): boolean {
  return rateOf(fresh) - rateOf(old) > canaryRules.failureMargin;
}

function isSlower(fresh: ReleaseEvidence, old: ReleaseEvidence): boolean {
  if (Math.min(fresh.requests, old.requests) < canaryRules.requestsToTime) return false;
  if (fresh.p99Ms === undefined || old.p99Ms === undefined) return false;
  return fresh.p99Ms > old.p99Ms * canaryRules.p99Ratio && fresh.p99Ms - old.p99Ms > canaryRules.p99MsMore;
}

/**
 * How likely the new release has at least so many of all failures, if both fail equally often: its share of the requests is
 * then each failure's chance to be its own (the conditional test of two rates, Przyborowski and Wilenski, Biometrika 31,
 * 1940). Exact, so that it holds for few failures too; of many, by the normal distribution.
 */
export function likelihoodByChance(fresh: ReleaseEvidence, old: ReleaseEvidence): number {
  const failures = fresh.failures + old.failures;
  const share = fresh.requests / (fresh.requests + old.requests);
  if (fresh.failures === 0 || share === 1 || Number.isNaN(share)) return 1;
  if (failures > exactFailuresMax) {
    const deviation = Math.sqrt(failures * share * (1 - share));
    return normalTail((fresh.failures - 0.5 - failures * share) / deviation);
  }
  let logTerm = 0;
  let tail = 0;
  for (let count = 0; count <= failures; count++) {
    if (count > 0) logTerm += Math.log((failures - count + 1) / count);
    if (count < fresh.failures) continue;
    tail += Math.exp(logTerm + count * Math.log(share) + (failures - count) * Math.log1p(-share));
  }
  return Math.min(1, tail);
}

const exactFailuresMax = 1_000;

/** The chance that a standard normal value is above `z` (Abramowitz and Stegun, 26.2.17: off by at most 7.5e-8). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((rest, factor) => (rest + factor) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

const rateOf = ({ failures, requests }: ReleaseEvidence): number => (requests === 0 ? 0 : failures / requests);
const ms = ({ p99Ms }: ReleaseEvidence): string => `${Math.round(p99Ms ?? 0)} ms`;
const failedOf = ({ failures, requests }: ReleaseEvidence): string =>
  `${failures} of ${requests} requests failed${requests === 0 ? "" : ` (${(rateOf({ failures, requests }) * 100).toFixed(2)}%)`}`;
