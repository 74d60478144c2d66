import { directoryTransport } from "../blocks/http/client/directory-transport.ts";
import { httpTransport } from "../blocks/http/client/http-transport.ts";
import { signCaller, signedCallerMsMax } from "../blocks/http/endpoint/caller-header.ts";
import { callerStorage } from "../blocks/http/endpoint/caller-storage.ts";
import type { CallsEngine, CallsLook, Transport } from "../blocks/http/port.ts";
import type { Clock, Random } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Metrics } from "../model/metrics.ts";
import { addressVariable, type Plan } from "../model/plan.ts";
import type { ServiceDirectory } from "../model/service-directory.ts";

interface Parts {
  readonly plan: Plan;
  /** The services that run in this process. */
  readonly hosted: ReadonlySet<string>;
  readonly secret: string;
  /** Answers calls in process. */
  readonly dispatch: Transport;
  /** Where services of other groups answer. */
  readonly directory: ServiceDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
}

export interface OpenCalls extends CallsEngine {
  /** How the calls of every service here to others go. */
  look(): readonly CallsLook[];
}

/** Knows where each service answers: at the address that the plan gives, in this process, or in those of another group. */
export function openCalls({ plan, hosted, secret, dispatch, directory, clock, random, metrics }: Parts): OpenCalls {
  const remote = new Map(plan.calls.flatMap(({ to, url }) => (url === undefined ? [] : [[to, url] as const])));
  const elsewhere = new Set(plan.calls.flatMap(({ to, group }) => (group === undefined ? [] : [to])));
  const looks: (() => CallsLook)[] = [];
  const look = () => looks.map((one) => one());
  watchCalls(metrics, look);
  return {
    transport(contract) {
      const url = remote.get(contract.name);
      if (url !== undefined) return httpTransport(contract, { url });
      if (hosted.has(contract.name)) return dispatch;
      if (elsewhere.has(contract.name)) return directoryTransport(contract, { directory, clock, random });
      throw new TrellisError("invalid-app", {
        says: `"${contract.name}" does not run in this instance, and its address is not known`,
        cure: `Set ${addressVariable(contract.name)} to where it answers.`,
      });
    },
    caller: () => callerStorage.getStore(),
    sign: ({ actor, deadlineMs }, service, nowMs) =>
      signCaller({ actor, service, expiresMs: Math.min(deadlineMs, nowMs + signedCallerMsMax) }, secret),
    watch: (one) => void looks.push(one),
    look,
  };
}

function watchCalls(metrics: Metrics, look: () => readonly CallsLook[]): void {
  const readings = (value: (one: CallsLook) => number) => () =>
    look().map((one) => ({ labels: { service: one.from, to: one.to }, value: value(one) }));
  metrics.gauge(
    "trellis_calls_circuit_open",
    "Whether a service is not called because it did not answer: 1 where not, or only to try whether it is back.",
    readings(({ circuit }) => (circuit === "closed" ? 0 : 1)),
  );
  metrics.gauge(
    "trellis_calls_waiting",
    "Calls that wait until fewer are under way.",
    readings(({ waiting }) => waiting),
  );
  metrics.gauge(
    "trellis_calls_under_way",
    "Calls that have no answer yet.",
    readings(({ underWay }) => underWay),
  );
}
