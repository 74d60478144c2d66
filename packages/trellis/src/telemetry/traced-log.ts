import type { Log, LogFacts } from "../model/log.ts";
import { parseTrace } from "../model/trace.ts";
import type { Tracing } from "../model/tracing.ts";

/** A log whose lines carry the trace and the span in which they were written. */
export function tracedLog(log: Log, tracing: Tracing): Log {
  const traced = (facts: LogFacts | undefined): LogFacts | undefined => {
    const { traceId, spanId } = parseTrace(tracing.current()) ?? {};
    return traceId === undefined ? facts : { ...facts, traceId, spanId };
  };
  return {
    debug: (says, facts) => log.debug(says, traced(facts)),
    info: (says, facts) => log.info(says, traced(facts)),
    warn: (says, facts) => log.warn(says, traced(facts)),
    error: (says, facts) => log.error(says, traced(facts)),
    // Bound, the trace would come twice in one line.
    with: ({ traceId: _, ...facts }) => tracedLog(log.with(facts), tracing),
  };
}
