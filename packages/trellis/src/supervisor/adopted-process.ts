import type { Clock } from "../model/clock.ts";
import type { InstanceProcess } from "./instance-process.ts";
import { isAlive, type ProcessIdentity, signalProcess } from "./process-identity.ts";

/** Nobody tells a process that another's child has ended. */
const lookMs = 200;

/** A process that an earlier supervisor has started. `ended` is called once, never before this returns. */
export function adoptProcess(identity: ProcessIdentity, clock: Clock, ended: (says: string) => void): InstanceProcess {
  const look = () => {
    if (isAlive(identity)) clock.after(lookMs, look);
    else ended("it is gone");
  };
  clock.after(lookMs, look);
  return {
    ...identity,
    drain: () => signalProcess(identity, "SIGTERM"),
    kill: () => signalProcess(identity, "SIGKILL"),
  };
}
