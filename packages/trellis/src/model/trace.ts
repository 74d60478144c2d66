import type { Random } from "./clock.ts";

/** W3C Trace Context (www.w3.org/TR/trace-context), version 00: where a request belongs in a larger story. */
export interface Trace {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero: the caller's span, or ours when it travels on. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** The header `traceparent`, or undefined where it is missing or malformed (then a new trace begins). */
export function parseTrace(header: string | undefined): Trace | undefined {
  const [, traceId, spanId, flags] = (header && form.exec(header)) || [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTrace(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

/** The next step of the same trace, or a new trace where there is none. */
export function childTrace(parent: Trace | undefined, random: Random): Trace {
  return {
    traceId: parent?.traceId ?? hexDigits(32, random),
    spanId: hexDigits(16, random),
    sampled: parent?.sampled ?? false,
  };
}

/** `count` hexadecimal digits, never all zero. */
export function hexDigits(count: number, random: Random): string {
  let digits = "";
  while (digits.length < count) {
    const word = Math.floor(random() * 0x1_0000_0000) || 1;
    digits += word.toString(16).padStart(8, "0");
  }
  return digits.slice(0, count);
}
