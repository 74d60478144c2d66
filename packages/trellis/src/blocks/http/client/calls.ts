import { type Block, block } from "../../../model/block.ts";
import type { Client } from "../../../model/call.ts";
import type { Clock, Random } from "../../../model/clock.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import { type Duration, milliseconds } from "../../../model/duration.ts";
import { childTrace, formatTrace, parseTrace } from "../../../model/trace.ts";
import { type CallsEngine, callsEngine, header } from "../port.ts";
import { callTimeoutMsDefault, makeClient, type PassedOn } from "./make-client.ts";
import { tracedTransport } from "./traced-transport.ts";

export interface CallsOptions {
  /** The longest that a call may take: its route's `timeout`, or 30 s, unless said. Never longer than the caller has left. */
  readonly deadline?: Duration;
}

/**
 * Another service, wherever it runs: in process when it is hosted here, over HTTP otherwise, with the same values,
 * failures, deadline, actor and trace. A call whose deadline runs out fails with `unavailable`.
 */
export function calls<R extends Routes>(
  contract: Contract<string, R>,
  options: CallsOptions = {},
): Block<"calls", Client<R>> {
  const timeoutMs = options.deadline === undefined ? undefined : milliseconds(options.deadline, "deadline");
  return block<"calls", Client<R>>({
    kind: "calls",
    needs: [callsEngine],
    calls: contract.name,
    limits: [{ name: "call", value: timeoutMs ?? callTimeoutMsDefault, unit: "ms", set: "calls(…, { deadline })" }],
    open: (opening) => {
      const engine = opening.engine(callsEngine);
      const transport = engine.transport(contract);
      return {
        handle: makeClient(contract, {
          transport: opening.tracing.on ? tracedTransport(transport, opening.tracing) : transport,
          clock: opening.clock,
          passOn: () => passOn(engine, contract.name, opening),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      };
    },
  });
}

/** Who is asking, the trace, the request's id and the time that is left, of the request that is being served. */
function passOn(engine: CallsEngine, service: string, { clock, random }: { clock: Clock; random: Random }): PassedOn {
  const caller = engine.caller();
  if (!caller) return { headers: {} };
  return {
    headers: {
      [header.requestId]: caller.requestId,
      [header.trace]: formatTrace(childTrace(parseTrace(caller.traceparent), random)),
      ...(caller.tracestate ? { [header.traceState]: caller.tracestate } : {}),
      ...(caller.actor ? { [header.caller]: engine.sign(caller, service, clock.now()) } : {}),
    },
    deadlineMs: caller.deadlineMs,
    signal: caller.signal,
  };
}
