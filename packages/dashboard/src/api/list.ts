import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

/** A page of a list, as every list of the API answers. */
export interface ListPage<Row> {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
}

/** Rows asked for at once. */
export const PAGE_ROWS = 100;
/** So many are kept; older pages are dropped and fetched again when somebody goes back to them. */
const KEPT_PAGES = 20;
/** Where a page begins. The API names the next page alone: the way back is what has been walked. */
interface Place {
  cursor: string | null;
  /** So many pages stand before it. */
  index: number;
  before: Place | null;
}
const FIRST: Place = { cursor: null, index: 0, before: null };

export interface List<Row> {
  /** Names the list and its filters: cursor, selection and scroll place are kept under it. */
  name: string;
  /** What is kept of it, in order. */
  rows: readonly Row[];
  /** How many rows stood before `rows` and were dropped. */
  offset: number;
  hasMore: boolean;
  isLoading: boolean;
  /** Other filters have been asked for, and the rows are still those of the last ones. */
  isStale: boolean;
  error: unknown;
  /** What follows was asked for and did not come. */
  isCut: boolean;
  loadMore(): void;
  loadBack(): void;
  reload(): void;
}

/**
 * A list of the API, page by page.
 *
 *     const list = useList(["accounts"], (cursor) =>
 *       taken(api.GET("/v1/accounts", { params: { query: { limit: PAGE_ROWS, ...cursor } } })));
 */
export function useList<Row>(
  key: readonly unknown[],
  load: (place: { cursor?: string }, signal: AbortSignal) => Promise<ListPage<Row>>,
  options: {
    /** How often it is fetched again; with a function, by what it holds. */
    refetchMs?: number | ((rows: readonly Row[]) => number | false);
    enabled?: boolean;
  } = {},
): List<Row> {
  const name = JSON.stringify(key);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam: { cursor }, signal }) => load(cursor === null ? {} : { cursor }, signal),
    initialPageParam: FIRST,
    maxPages: KEPT_PAGES,
    getNextPageParam: (last, _pages, place): Place | undefined =>
      last.has_more && last.next_cursor !== null
        ? { cursor: last.next_cursor, index: place.index + 1, before: place }
        : undefined,
    getPreviousPageParam: (_first, _pages, place) => place.before ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const { refetchMs = false } = options;
      if (typeof refetchMs !== "function") return refetchMs;
      return refetchMs(state.data?.pages.flatMap((page) => page.data) ?? []);
    },
    enabled: options.enabled ?? true,
  });
  const { data, hasNextPage, hasPreviousPage, fetchNextPage, fetchPreviousPage } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  const first = data?.pageParams[0] as Place | undefined; // ours: the library does not keep its type
  return {
    name,
    rows,
    offset: (first?.index ?? 0) * PAGE_ROWS,
    hasMore: hasNextPage,
    isLoading: query.isPending,
    isStale: query.isPlaceholderData,
    error: data === undefined ? query.error : null,
    isCut: query.isFetchNextPageError,
    loadMore: () => {
      if (hasNextPage && !query.isFetching) void fetchNextPage();
    },
    loadBack: () => {
      if (hasPreviousPage && !query.isFetching) void fetchPreviousPage();
    },
    reload: () => void query.refetch(),
  };
}
