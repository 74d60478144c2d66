import { type Block, block, type Opening } from "../../../model/block.ts";
import type { Client } from "../../../model/call.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import { type Duration, milliseconds } from "../../../model/duration.ts";
import { TrellisError } from "../../../model/errors.ts";
import { isConversation } from "../../../model/route.ts";
import { childTrace, formatTrace, parseTrace } from "../../../model/trace.ts";
import { type CallsEngine, callsEngine, header } from "../port.ts";
import { CallGuard } from "./call-guard.ts";
import { callsAtOnceDefault, callsWaitingMax, socketLimits } from "./call-limits.ts";
import { callTimeoutMsDefault, makeClient, type PassedOn } from "./make-client.ts";
import { tracedTransport } from "./traced-transport.ts";

export interface CallsOptions {
  /** The longest that a call may take: its route's `timeout`, or 30 s, unless said. Never longer than the caller has left. */
  readonly deadline?: Duration;
  /** So many calls are under way at once in an instance; others wait for a place, within their deadline. 200 unless said. */
  readonly atOnce?: number;
}

/**
 * Another service, wherever it runs: in process when it is hosted here, over HTTP otherwise, with the same values,
 * failures, deadline, actor and trace. A call whose deadline runs out fails with `unavailable`; while half of the calls
 * fail so, it is not asked any more but to try whether it is back, and calls fail at once. `get`, `put`, `del`, calls with
 * an idempotency key and those that did not get there are repeated within the deadline.
 */
export function calls<R extends Routes>(
  contract: Contract<string, R>,
  options: CallsOptions = {},
): Block<"calls", Client<R>> {
  const { atOnce = callsAtOnceDefault } = options;
  if (!Number.isInteger(atOnce) || atOnce < 1)
    throw new TrellisError("invalid-app", {
      says: `calls("${contract.name}") has atOnce ${atOnce}`,
      cure: "Give a whole number from 1 on.",
    });
  const timeoutMs = options.deadline === undefined ? undefined : milliseconds(options.deadline, "deadline");
  return block<"calls", Client<R>>({
    kind: "calls",
    needs: [callsEngine],
    calls: contract.name,
    limits: [
      { name: "call", value: timeoutMs ?? callTimeoutMsDefault, unit: "ms", set: "calls(…, { deadline })" },
      { name: "calls at once in an instance", value: atOnce, unit: "requests", set: "calls(…, { atOnce })" },
      {
        name: "calls that wait for a place",
        value: callsWaitingMax,
        unit: "requests",
        set: "fixed: each for its own time",
      },
      ...(Object.values(contract.routes).some(isConversation) ? socketLimits : []),
    ],
    open: (opening) => {
      const engine = opening.engine(callsEngine);
      const transport = engine.transport(contract);
      const guard = new CallGuard({ ...opening, from: opening.service, to: contract.name, atOnce });
      engine.watch(() => guard.look());
      return {
        handle: makeClient(contract, {
          transport: opening.tracing.on ? tracedTransport(transport, opening.tracing) : transport,
          clock: opening.clock,
          guard,
          passOn: () => passOn(engine, contract.name, opening),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      };
    },
  });
}

/** Who is asking, the trace, the request's id and the time that is left, of the request that is being served. */
function passOn(engine: CallsEngine, to: string, { service, clock, random }: Opening): PassedOn {
  const caller = engine.caller();
  if (!caller) return { headers: { [header.from]: service } };
  return {
    headers: {
      [header.from]: service,
      [header.requestId]: caller.requestId,
      [header.trace]: formatTrace(childTrace(parseTrace(caller.traceparent), random)),
      ...(caller.tracestate ? { [header.traceState]: caller.tracestate } : {}),
      ...(caller.actor ? { [header.caller]: engine.sign(caller, to, clock.now()) } : {}),
    },
    deadlineMs: caller.deadlineMs,
    signal: caller.signal,
  };
}
