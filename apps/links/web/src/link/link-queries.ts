import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Dimension } from "../../../src/contract.ts";
import { links } from "../api.ts";
import type { Span } from "./span.ts";

/** One link, with its clicks so far. */
export function linkQuery(code: string) {
  return queryOptions({
    queryKey: ["links", "one", code],
    queryFn: ({ signal }) => links.read({ params: { code } }, { signal }),
  });
}

/** The targets that a link has had, the latest first. */
export function versionsQuery(code: string) {
  return queryOptions({
    queryKey: ["links", "one", code, "versions"],
    queryFn: ({ signal }) => links.versions({ params: { code }, query: { limit: 20 } }, { signal }),
  });
}

/** The clicks of a span of time, step by step, and those of the span before it for comparison. */
export function clicksQuery(code: string, span: Span) {
  return queryOptions({
    queryKey: ["links", "one", code, "clicks", span.name],
    queryFn: ({ signal }) => readClicks(code, span, signal),
    placeholderData: keepPreviousData,
  });
}

export type ClicksFacts = Awaited<ReturnType<typeof readClicks>>;

async function readClicks(code: string, { bounds, unit }: Span, signal: AbortSignal) {
  const { from, to, before } = bounds();
  const [series, earlier] = await Promise.all([
    links.clicks({ params: { code }, query: { from, to, unit } }, { signal }),
    links.clicks({ params: { code }, query: { from: before, to: from, unit } }, { signal }),
  ]);
  return { ...series, earlier: earlier.total };
}

/** What the clicks of a span had in common. */
export function breakdownQuery(code: string, span: Span, by: Dimension) {
  return queryOptions({
    queryKey: ["links", "one", code, "breakdown", span.name, by],
    queryFn: ({ signal }) => {
      const { from, to } = span.bounds();
      return links.breakdown({ params: { code }, query: { from, to, by, limit: 6 } }, { signal });
    },
    placeholderData: keepPreviousData,
  });
}
