import type { Clock } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Plan, Role } from "../../model/plan.ts";
import { type Instance, startInstance } from "../../runtime/instance.ts";

export interface HostOptions {
  readonly roles: readonly Role[];
  /** The group of the plan that they are of: the shared one of its role each unless said. */
  readonly group?: string;
  /** Which of its group each is, counted from 1. */
  readonly number: number;
  readonly folder: string;
  readonly databaseUrl: string;
  readonly secret: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly hosted?: readonly string[];
  readonly host?: string;
  /** Asks whoever starts instances for one of a service that has none. Whether one is on its way. */
  readonly wake?: (service: string) => Promise<boolean>;
}

/** The instances of this process. */
export interface HostedInstances {
  readonly instances: readonly Instance[];
  /** Lets them finish what they have begun, at most for `deadlineMs`. False when something was cut off. */
  stop(deadlineMs: number): Promise<boolean>;
}

/** Starts one instance of each role in this process. */
export async function hostInstances(plan: Plan, { roles, number, ...options }: HostOptions): Promise<HostedInstances> {
  const started = await Promise.allSettled(
    roles.map((role) => startInstance(plan, { ...options, role, name: `${options.group ?? role}-${number}` })),
  );
  const instances = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failed = started.find((outcome) => outcome.status === "rejected");
  if (failed) {
    await Promise.all(instances.map((instance) => instance.stop()));
    throw failed.reason;
  }
  return { instances, stop: (deadlineMs) => stopWithin(instances, deadlineMs, options.clock) };
}

async function stopWithin(instances: readonly Instance[], deadlineMs: number, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = clock.after(deadlineMs, () => late.resolve(false));
  const stopped = Promise.all(instances.map((instance) => instance.stop())).then((whole) => whole.every(Boolean));
  const whole = await Promise.race([stopped, late.promise]);
  timer.cancel();
  return whole;
}
