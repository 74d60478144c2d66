import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { links, operations } from "../api.ts";

/** How often the page looks by itself. */
const everyMs = 5_000;
const common = { refetchInterval: everyMs, staleTime: 0 } as const;
/** Of lists that may be long. */
const pages = {
  initialPageParam: null as string | null,
  getNextPageParam: ({ next }: { readonly next: string | null }) => next,
} as const;

const pageOf = (cursor: string | null) => ({ limit: 50, ...(cursor === null ? {} : { cursor }) });

export const queuesQuery = queryOptions({
  queryKey: ["operations", "queues"],
  queryFn: ({ signal }) => operations.queues({}, { signal }),
  ...common,
});

export const streamsQuery = queryOptions({
  queryKey: ["operations", "streams"],
  queryFn: ({ signal }) => operations.streams({}, { signal }),
  ...common,
});

export const schedulesQuery = queryOptions({
  queryKey: ["operations", "schedules"],
  queryFn: ({ signal }) => operations.schedules({}, { signal }),
  ...common,
});

export const instancesQuery = queryOptions({
  queryKey: ["operations", "instances"],
  queryFn: ({ signal }) => operations.instances({}, { signal }),
  ...common,
});

export const reconciliationQuery = queryOptions({
  queryKey: ["operations", "reconciliation"],
  queryFn: ({ signal }) => links.reconciliation({}, { signal }),
  ...common,
});

export const deadJobsQuery = infiniteQueryOptions({
  queryKey: ["operations", "dead-jobs"],
  queryFn: ({ pageParam, signal }) => operations.deadJobs({ query: pageOf(pageParam) }, { signal }),
  ...pages,
  ...common,
});

export const setAsideQuery = infiniteQueryOptions({
  queryKey: ["operations", "set-aside"],
  queryFn: ({ pageParam, signal }) => operations.setAside({ query: pageOf(pageParam) }, { signal }),
  ...pages,
  ...common,
});
