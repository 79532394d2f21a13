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
const FIRST = "";

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
  // The API names the next page alone: the way back is what has been walked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is another walk
  const walked = useMemo<string[]>(() => [FIRST], [name]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      load(pageParam === FIRST ? {} : { cursor: pageParam }, signal),
    initialPageParam: FIRST,
    maxPages: KEPT_PAGES,
    getNextPageParam: (last, _pages, lastParam) => {
      if (!last.has_more || last.next_cursor === null) return undefined;
      const at = walked.indexOf(lastParam);
      if (at !== -1) walked[at + 1] = last.next_cursor;
      return last.next_cursor;
    },
    getPreviousPageParam: (_first, _pages, firstParam) => walked[walked.indexOf(firstParam) - 1],
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
  const before = data ? walked.indexOf(String(data.pageParams[0] ?? FIRST)) : 0;
  return {
    name,
    rows,
    offset: Math.max(0, before) * PAGE_ROWS,
    hasMore: hasNextPage,
    isLoading: query.isPending,
    isStale: query.isPlaceholderData,
    error: data === undefined ? query.error : null,
    loadMore: () => {
      if (hasNextPage && !query.isFetching) void fetchNextPage();
    },
    loadBack: () => {
      if (hasPreviousPage && !query.isFetching) void fetchPreviousPage();
    },
    reload: () => void query.refetch(),
  };
}
