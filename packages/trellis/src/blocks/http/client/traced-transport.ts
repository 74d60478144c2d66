import type { Tracing } from "../../../model/tracing.ts";
import { header, type Transport } from "../port.ts";
import { statusAttributes } from "../status-attributes.ts";

/** Carries calls in spans of their own, whose context goes with them. */
export function tracedTransport(transport: Transport, tracing: Tracing): Transport {
  return (call) =>
    tracing.span(
      {
        name: `${call.service}.${call.route}`,
        kind: "client",
        attributes: {
          "http.request.method": call.method,
          "trellis.service": call.service,
          "trellis.route": call.route,
        },
        outcome: (answer) => statusAttributes((answer as { readonly status: number }).status),
      },
      () => {
        const traceparent = tracing.current();
        const headers = traceparent === undefined ? call.headers : { ...call.headers, [header.trace]: traceparent };
        return transport({ ...call, headers });
      },
    );
}
