import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { Clock } from "../model/clock.ts";
import type { Log } from "../model/log.ts";
import type { Counter, Metrics } from "../model/metrics.ts";
import { formatTrace, parseTrace } from "../model/trace.ts";
import type { SpanFacts, Tracing } from "../model/tracing.ts";
import { lastSpansMsMax } from "./limits.ts";

interface Parts {
  /** Of the collector: `http://localhost:4318`. */
  readonly url: string;
  readonly instance: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OtelTracing extends Tracing {
  /** Sends what is left, for a moment at most. */
  close(): Promise<void>;
}

const kinds: Readonly<Record<SpanFacts["kind"], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/**
 * Traces by OpenTelemetry, sent in batches as OTLP over HTTP. The SDK reads the standard variables: `OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`, `OTEL_EXPORTER_OTLP_HEADERS` and so on.
 */
export function openOtelTracing(parts: Parts): OtelTracing {
  const { url, instance, clock } = parts;
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url: `${url.replace(/\/+$/, "")}/v1/traces` }), parts);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "trellis", "service.instance.id": instance }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new CountedProcessor(new BatchSpanProcessor(exporter), parts.metrics)],
  });
  const tracer = provider.getTracer("trellis");
  const here = new AsyncLocalStorage<Span>();
  return {
    on: true,
    current: () => traceparentOf(here.getStore()),
    span(facts, run) {
      const parent = "parent" in facts ? contextOf(facts.parent) : contextWith(here.getStore());
      const { name, kind, attributes = {} } = facts;
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
      return here.run(span, () => runIn(span, facts, run));
    },
    close: async () => {
      const late = Promise.withResolvers<void>();
      const timer = clock.after(lastSpansMsMax, late.resolve);
      await Promise.race([provider.shutdown().catch(() => undefined), late.promise]);
      timer.cancel();
    },
  };
}

function runIn<T>(span: Span, facts: SpanFacts, run: () => T): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    endFailed(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    end(span, facts, result);
    return result;
  }
  // Beside the promise that the caller gets, not instead of it: nothing comes a tick later for being traced.
  result.then(
    (value) => end(span, facts, value),
    (error) => endFailed(span, error),
  );
  return result;
}

function end(span: Span, { outcome }: SpanFacts, result: unknown): void {
  const attributes: Attributes = outcome?.(result) ?? {};
  span.setAttributes(attributes);
  if (attributes["error.type"] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function endFailed(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setAttribute("error.type", error instanceof Error ? error.name : "thrown");
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function contextWith(span: Span | undefined): Context {
  return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

/** A new trace begins where the header is missing or malformed. */
function contextOf(traceparent: string | undefined): Context {
  const parent = parseTrace(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}

function traceparentOf(span: Span | undefined): string | undefined {
  if (!span) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTrace({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
}

/** Counts what is handed over to be sent: the SDK itself drops in silence what comes faster than it can be sent. */
class CountedProcessor implements SpanProcessor {
  readonly #processor: SpanProcessor;
  readonly #ended: Counter;

  constructor(processor: SpanProcessor, metrics: Metrics) {
    this.#processor = processor;
    this.#ended = metrics.counter(
      "trellis_traces_spans_total",
      "Spans that were to be sent: those neither sent nor lost wait, 2,048 at most, or were dropped.",
    );
  }

  onStart(...started: Parameters<SpanProcessor["onStart"]>): void {
    this.#processor.onStart(...started);
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 1) this.#ended.add();
    this.#processor.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown();
  }
}

/** Counts what is sent and what is lost, and says once when the collector stops taking it, and when it does again. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Log;
  readonly #collector: string;
  readonly #sent: Counter;
  readonly #lost: Counter;
  #failing = false;

  constructor(exporter: SpanExporter, { metrics, log, url }: Parts) {
    this.#exporter = exporter;
    this.#log = log;
    // Without what may be secret in it.
    this.#collector = new URL(url).host;
    this.#sent = metrics.counter("trellis_traces_sent_total", "Spans that the collector has taken.");
    this.#lost = metrics.counter("trellis_traces_lost_total", "Spans that the collector did not take.");
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter["export"]>[1]): void {
    this.#exporter.export(spans, (result) => {
      const failed = result.code !== 0;
      (failed ? this.#lost : this.#sent).add(spans.length);
      if (failed !== this.#failing) this.#tell(failed, result.error);
      this.#failing = failed;
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell(failed: boolean, cause: unknown): void {
    if (failed)
      this.#log.warn("The collector does not take traces: they are lost until it does", {
        collector: this.#collector,
        cause,
      });
    else this.#log.info("The collector takes traces again", { collector: this.#collector });
  }
}
