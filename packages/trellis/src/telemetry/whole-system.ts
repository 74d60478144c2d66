import type { Clock } from "../model/clock.ts";
import { type Family, family } from "./family.ts";
import type { InstanceMetrics } from "./instance-metrics.ts";
import { peerMsMax } from "./limits.ts";
import { lookAt, type Peer, readLook } from "./peer.ts";

export interface WholeSystem {
  /** The figures of the instance that is asked. */
  readonly metrics: InstanceMetrics;
  /** The other instances that should be running. */
  readonly peers: () => Promise<readonly Peer[]>;
  /** What each gateway of this machine says of itself, as JSON. */
  readonly gateways: () => readonly Promise<string | undefined>[];
  /** The path at which each says its own figures. */
  readonly path: string;
  /** By which an instance believes that another one asks. Made anew for each look. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/**
 * The figures of every instance that answers, and how many do not. Where nobody can say which there are, as without a
 * database, those of the one that is asked.
 */
export async function lookEverywhere(system: WholeSystem): Promise<Family[][]> {
  const [own, others, gateways] = await Promise.all([
    system.metrics.look(),
    lookAtPeers(system),
    lookAtGateways(system),
  ]);
  if (!others) return [[...own], ...gateways];
  const answered = others.filter((look) => look !== undefined);
  return [
    [...own],
    ...answered.map(({ families }) => [...families]),
    ...gateways,
    howMany(answered.length + 1, others.length + 1),
  ];
}

/** By their names: one that has just been followed by another may still be there, under the same. */
async function lookAtGateways({ gateways, clock }: WholeSystem): Promise<Family[][]> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.after(peerMsMax, () => late.resolve(undefined));
  const looks = await Promise.all(gateways().map((told) => Promise.race([told, late.promise])));
  timer.cancel();
  const found = looks.flatMap((text) => readLook(text ?? "") ?? []);
  return [...new Map(found.map(({ instance, families }) => [instance, [...families]])).values()];
}

async function lookAtPeers({ peers, path, headers, clock }: WholeSystem) {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.after(peerMsMax, () => late.resolve(undefined));
  const found = await Promise.race([peers().catch(() => undefined), late.promise]);
  timer.cancel();
  const sent = headers();
  return found && Promise.all(found.map((peer) => lookAt(peer, path, sent, clock)));
}

function howMany(seen: number, all: number): Family[] {
  const gauge = (name: string, help: string, value: number) => family("gauge", name, help, [{ labels: {}, value }]);
  return [
    gauge("trellis_instances_seen", "Instances of this machine whose figures are here.", seen),
    gauge("trellis_instances_silent", "Instances that should run but did not say their figures in time.", all - seen),
  ];
}
