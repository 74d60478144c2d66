import type { SpanAttributes } from "../../model/tracing.ts";

/** What a status says of a span, in OpenTelemetry's words: from 500 on it failed. */
export function statusAttributes(status: unknown): SpanAttributes {
  if (typeof status !== "number") return {};
  return { "http.response.status_code": status, ...(status >= 500 ? { "error.type": String(status) } : {}) };
}
