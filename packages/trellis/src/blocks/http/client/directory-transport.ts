import type { Clock, Random } from "../../../model/clock.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import type { ServiceDirectory } from "../../../model/service-directory.ts";
import { makeBalancer } from "../../../policies/balancing/make-balancer.ts";
import { type Transport, Unsent } from "../port.ts";
import { isUnsent } from "./attempt.ts";
import { httpTransport } from "./http-transport.ts";

export interface DirectoryTransportOptions {
  readonly directory: ServiceDirectory;
  readonly clock: Clock;
  readonly random: Random;
}

/** Carries calls over HTTP to one of the instances that answer for the service now: of two, to the one that does better. */
export function directoryTransport(
  contract: Contract<string, Routes>,
  { directory, clock, random }: DirectoryTransportOptions,
): Transport {
  const balancer = makeBalancer("p2c", { random, slowStartMs: 0 });
  const transports = new Map<string, Transport>();
  let known: readonly string[] = [];
  const follow = (addresses: readonly string[]): void => {
    if (addresses === known) return;
    known = addresses;
    balancer.setMembers(
      addresses.map((id) => ({ id, weight: 1, backup: false, status: "usable", joinedAt: clock.now() })),
    );
    for (const id of transports.keys()) if (!addresses.includes(id)) transports.delete(id);
    for (const id of addresses)
      if (!transports.has(id)) transports.set(id, httpTransport(contract, { url: id, clock }));
  };
  const send: Transport = async (call) => {
    follow(directory.addressesOf(contract.name));
    const id = balancer.pick({ now: clock.now() });
    const transport = id === undefined ? undefined : transports.get(id);
    if (id === undefined || !transport) throw new Unsent("no instance of it is known to run");
    const begunMs = clock.now();
    balancer.started(id);
    try {
      const answer = await transport(call);
      const now = clock.now();
      balancer.finished(id, now, { tookMs: now - begunMs, failed: answer.status >= 500 });
      return answer;
    } catch (error) {
      const now = clock.now();
      balancer.finished(id, now, { tookMs: now - begunMs, failed: true });
      throw error;
    }
  };
  return async (call) => {
    try {
      return await send(call);
    } catch (error) {
      if (!isUnsent(error) || call.signal?.aborted) throw error;
      const before = known;
      await directory.refresh();
      if (directory.addressesOf(contract.name).length === 0) await directory.wake(contract.name);
      // Its instances were replaced since we last looked, or it was at rest.
      if (directory.addressesOf(contract.name) === before) throw error;
      return await send(call);
    }
  };
}
