/** There is more of a list than is shown. */
export interface More {
  readonly isPending: boolean;
  readonly onShow: () => void;
}

interface Paged {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** What a query has beyond the pages that it has fetched; undefined where that was all. */
export function moreOf({ hasNextPage, isFetchingNextPage, fetchNextPage }: Paged): More | undefined {
  return hasNextPage ? { isPending: isFetchingNextPage, onShow: () => void fetchNextPage() } : undefined;
}
