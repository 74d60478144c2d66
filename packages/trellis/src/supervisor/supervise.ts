import type { Clock } from "../model/clock.ts";
import type { Role } from "../model/plan.ts";
import { InstanceSlot, type RunningInstance, type SlotParts } from "./instance-slot.ts";

export interface SupervisorParts extends SlotParts {
  readonly instances: Readonly<Record<Role, number>>;
  /** An instance that has not ended this long after it was asked to is ended by force. */
  readonly stopTimeoutMs: number;
}

/** Keeps the instances of one machine running. */
export interface Supervisor {
  /** Every instance serves. Rejects with `start-failed`, all stopped, when one never did. */
  readonly ready: Promise<readonly RunningInstance[]>;
  /** Lets every instance finish what it has begun, by force after the timeout. Resolves when all are gone. */
  stop(): Promise<void>;
  /** Ends every instance at once. */
  kill(): void;
}

/** Starts all instances at the same time. */
export function supervise(parts: SupervisorParts): Supervisor {
  const roles: readonly Role[] = ["web", "worker"];
  const slots = roles.flatMap((role) =>
    Array.from({ length: parts.instances[role] }, (_, index) => new InstanceSlot(role, index + 1, parts)),
  );
  const kill = () => {
    for (const slot of slots) slot.kill();
  };
  let stopped: Promise<void> | undefined;
  // Asking twice would tell the instances to hurry.
  const stop = () => (stopped ??= stopAll(slots, kill, parts));
  return { ready: allReady(slots, stop), stop, kill };
}

async function allReady(
  slots: readonly InstanceSlot[],
  stop: () => Promise<void>,
): Promise<readonly RunningInstance[]> {
  const firsts = slots.map((slot) => slot.first);
  try {
    return await Promise.all(firsts);
  } catch (error) {
    await stop();
    // The others were stopped for the sake of the one that failed.
    await Promise.allSettled(firsts);
    throw error;
  }
}

async function stopAll(
  slots: readonly InstanceSlot[],
  kill: () => void,
  { clock, stopTimeoutMs }: { readonly clock: Clock; readonly stopTimeoutMs: number },
): Promise<void> {
  const deadline = clock.after(stopTimeoutMs, kill);
  await Promise.all(slots.map((slot) => slot.stop()));
  deadline.cancel();
}
