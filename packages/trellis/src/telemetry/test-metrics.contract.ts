import type { Labels } from "../model/metrics.ts";
import { silentLog } from "../testing/silent-log.ts";
import { testClock } from "../testing/test-clock.ts";
import type { Family } from "./family.ts";
import { InstanceMetrics } from "./instance-metrics.ts";

/** The figures of an instance `web-1` in a test. */
export function testMetrics(): InstanceMetrics {
  return new InstanceMetrics({ labels: { instance: "web-1", role: "web" }, clock: testClock(), log: silentLog });
}

/** The sum of a metric's values whose labels have at least these, or undefined where there is none. */
export function figureOf(families: readonly Family[], name: string, labels: Labels = {}): number | undefined {
  const values = families
    .flatMap((family) => family.values.map((sample) => ({ name: family.name, ...sample })))
    .filter((sample) => (sample.metricName ?? sample.name) === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => String(sample.labels[label]) === value))
    .map(({ value }) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
