import { httpTransport } from "../blocks/http/client/http-transport.ts";
import { signCaller, signedCallerMsMax } from "../blocks/http/endpoint/caller-header.ts";
import { callerStorage } from "../blocks/http/endpoint/caller-storage.ts";
import type { CallsEngine, Transport } from "../blocks/http/port.ts";
import { TrellisError } from "../model/errors.ts";
import { addressVariable, type Plan } from "../model/plan.ts";

interface Parts {
  readonly plan: Plan;
  /** The services that run in this process. */
  readonly hosted: ReadonlySet<string>;
  readonly secret: string;
  /** Answers calls in process. */
  readonly dispatch: Transport;
}

/** Knows where each service answers: at the address that the plan gives, or in this process. */
export function openCalls({ plan, hosted, secret, dispatch }: Parts): CallsEngine {
  const remote = new Map(plan.calls.flatMap(({ to, url }) => (url === undefined ? [] : [[to, url] as const])));
  return {
    transport(contract) {
      const url = remote.get(contract.name);
      if (url !== undefined) return httpTransport(contract, { url });
      if (hosted.has(contract.name)) return dispatch;
      throw new TrellisError("invalid-app", {
        says: `"${contract.name}" does not run in this instance, and its address is not known`,
        cure: `Set ${addressVariable(contract.name)} to where it answers.`,
      });
    },
    caller: () => callerStorage.getStore(),
    sign: ({ actor, deadlineMs }, service, nowMs) =>
      signCaller({ actor, service, expiresMs: Math.min(deadlineMs, nowMs + signedCallerMsMax) }, secret),
  };
}
