import type { Clock } from "../model/clock.ts";
import { type Family, family } from "./family.ts";
import type { InstanceMetrics } from "./instance-metrics.ts";
import { lookAt, type Peer } from "./peer.ts";

export interface WholeSystem {
  /** The figures of the instance that is asked. */
  readonly metrics: InstanceMetrics;
  /** The other instances that should be running. */
  readonly peers: () => Promise<readonly Peer[]>;
  /** The path at which each says its own figures. */
  readonly path: string;
  /** By which an instance believes that another one asks. Made anew for each look. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** The figures of every instance that answers, and how many do not. */
export async function lookEverywhere({ metrics, peers, path, headers, clock }: WholeSystem): Promise<Family[][]> {
  const sent = headers();
  const [own, others] = await Promise.all([
    metrics.look(),
    peers().then((found) => Promise.all(found.map((peer) => lookAt(peer, path, sent, clock)))),
  ]);
  const answered = others.filter((look) => look !== undefined);
  const silent = others.length - answered.length;
  return [
    [...own],
    ...answered.map(({ families }) => [...families]),
    [
      family("gauge", "trellis_instances_seen", "Instances whose figures are here.", [
        { labels: {}, value: answered.length + 1 },
      ]),
      family("gauge", "trellis_instances_silent", "Instances that should run but did not say their figures in time.", [
        { labels: {}, value: silent },
      ]),
    ],
  ];
}
