import { type InfiniteData, infiniteQueryOptions, keepPreviousData, type QueryClient } from "@tanstack/react-query";
import type { CountedLink, Link } from "../../../src/contract.ts";
import { links } from "../api.ts";
import type { LinkSearch } from "../link-search.ts";

interface LinkPage {
  readonly links: readonly CountedLink[];
  readonly next: string | null;
}
type LinkPages = InfiniteData<LinkPage, string | undefined>;

const pageSize = 50;
const listKey = ["links", "list"] as const;

/** The list that a search shows, page by page. */
export function linkListQuery(search: LinkSearch) {
  return infiniteQueryOptions({
    queryKey: [...listKey, search],
    queryFn: ({ pageParam, signal }): Promise<LinkPage> => {
      const cursor = pageParam === undefined ? {} : { cursor: pageParam };
      return links.list({ query: { ...search, ...cursor, limit: pageSize } }, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** Takes a link out of every list that is shown; what brings it back is returned. */
export function takeFromLists(queries: QueryClient, code: string): () => void {
  const before = queries.getQueriesData<LinkPages>({ queryKey: listKey });
  for (const [key, data] of before) {
    const { state } = (key[2] ?? {}) as LinkSearch;
    if (data) queries.setQueryData<LinkPages>(key, state === "all" ? data : without(data, code));
  }
  return () => {
    for (const [key, data] of before) queries.setQueryData(key, data);
  };
}

/** Puts a new link on top of the lists that it fits in. */
export function putOnTop(queries: QueryClient, link: Link): void {
  const counted = { ...link, clicks: { humans: 0, bots: 0, previews: 0, heads: 0 }, lastDay: Array(24).fill(0) };
  for (const [key, data] of queries.getQueriesData<LinkPages>({ queryKey: listKey })) {
    const { q, state, sort } = (key[2] ?? {}) as LinkSearch;
    if (!data || q !== undefined || state === "archived" || sort !== undefined) continue;
    queries.setQueryData<LinkPages>(key, onTop(without(data, link.code), counted));
  }
}

/** Shows new facts of links where they stand: nothing moves. Returns how many of `fresh` no list has yet. */
export function updateInPlace(queries: QueryClient, search: LinkSearch, fresh: readonly CountedLink[]): number {
  const byCode = new Map(fresh.map((link) => [link.code, link]));
  let known = 0;
  queries.setQueryData<LinkPages>([...listKey, search], (data) => {
    if (!data) return data;
    const update = (link: CountedLink) => {
      const newer = byCode.get(link.code);
      if (newer) known += 1;
      return newer ?? link;
    };
    return { ...data, pages: data.pages.map((page) => ({ ...page, links: page.links.map(update) })) };
  });
  return fresh.length - known;
}

function without(data: LinkPages, code: string): LinkPages {
  return {
    ...data,
    pages: data.pages.map((page) => ({ ...page, links: page.links.filter((link) => link.code !== code) })),
  };
}

function onTop(data: LinkPages, link: CountedLink): LinkPages {
  const [first, ...others] = data.pages;
  if (!first) return data;
  return { ...data, pages: [{ ...first, links: [link, ...first.links] }, ...others] };
}
