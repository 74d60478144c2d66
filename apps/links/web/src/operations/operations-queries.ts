import { queryOptions } from "@tanstack/react-query";
import { links, operations } from "../api.ts";

/** How often the page looks by itself. */
const everyMs = 5_000;
const common = { refetchInterval: everyMs, staleTime: 0 } as const;

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

export const deadJobsQuery = queryOptions({
  queryKey: ["operations", "dead-jobs"],
  queryFn: ({ signal }) => operations.deadJobs({ query: { limit: 50 } }, { signal }),
  ...common,
});

export const setAsideQuery = queryOptions({
  queryKey: ["operations", "set-aside"],
  queryFn: ({ signal }) => operations.setAside({ query: { limit: 50 } }, { signal }),
  ...common,
});
