import { useQuery, useQueryClient } from "@tanstack/react-query";
import { links } from "../api.ts";
import type { LinkSearch } from "../link-search.ts";
import { updateInPlace } from "./link-list.ts";

const everyMs = 10_000;
const looked = 50;

/**
 * Keeps the clicks of the first rows up to date without moving a row. Returns how many links others have made meanwhile:
 * they are shown when the person says so.
 */
export function useFreshCounts(search: LinkSearch, enabled: boolean): number {
  const queries = useQueryClient();
  const { data = 0 } = useQuery({
    queryKey: ["links", "fresh", search],
    queryFn: async ({ signal }) => {
      const { links: fresh } = await links.list({ query: { ...search, limit: looked } }, { signal });
      const unknown = updateInPlace(queries, search, fresh);
      return search.sort === undefined ? unknown : 0;
    },
    enabled,
    refetchInterval: everyMs,
    // The list itself has just been asked for when this begins.
    initialData: 0,
    staleTime: everyMs,
  });
  return data;
}
