/** What a span is about, in OpenTelemetry's words. */
export interface SpanFacts {
  /** Low in number: `GET /v1/links/:code`, not the address itself. */
  readonly name: string;
  readonly kind: "server" | "client" | "producer" | "consumer" | "internal";
  /** The `traceparent` (W3C) that caused it; what runs now where it is left out. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
  /** What more is known when `run` has ended well: of what it returned or resolved to. `error.type` says that it failed. */
  readonly outcome?: (result: unknown) => SpanAttributes;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Traces as a port. Without a collector it is off and costs a look at `on`. */
export interface Tracing {
  readonly on: boolean;
  /** The `traceparent` of what runs now, to be sent or stored with what it causes. Undefined where tracing is off. */
  current(): string | undefined;
  /** Runs `run` in a span; what it throws is recorded with the span. */
  span<T>(facts: SpanFacts, run: () => T): T;
}

/** Records nothing. */
export const noTracing: Tracing = { on: false, current: () => undefined, span: (_facts, run) => run() };
