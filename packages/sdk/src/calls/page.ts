import type { RequestOptions, Transport } from "./transport.ts";

/** One page of a list. */
export interface Page<Item> {
  data: Item[];
  has_more: boolean;
  /** For the `cursor` of the next page. */
  next_cursor: string | null;
}

export interface PageQuery {
  /** 1 to 100. */
  limit?: number;
  cursor?: string;
}

/** A list, by its pages and as a whole. */
export function listCalls<Item, Query extends PageQuery = PageQuery>(
  call: Transport,
  path: readonly string[],
) {
  const list = (query?: Query, options?: RequestOptions) =>
    call<Page<Item>>({ method: "GET", path, query, options });
  return {
    /** One page. */
    list,
    /** Every one of them, read page by page as they are asked for. */
    all: (query?: Query, options?: RequestOptions) =>
      everyItem((page: Query) => list(page, options), query),
  };
}

/** Every item of a list, read page by page as they are asked for. */
export async function* everyItem<Item, Query extends PageQuery>(
  readPage: (query: Query) => Promise<Page<Item>>,
  // Nothing that a list takes must be given.
  query: Query = {} as Query,
): AsyncGenerator<Item, void, undefined> {
  let page = await readPage(query);
  for (;;) {
    yield* page.data;
    if (page.next_cursor === null) return;
    page = await readPage({ ...query, cursor: page.next_cursor });
  }
}

/** All of a list that comes whole. */
export async function wholeList<Item>(
  call: Transport,
  given: { path: readonly string[]; query?: object; options: RequestOptions | undefined },
): Promise<Item[]> {
  const { data } = await call<{ data: Item[] }>({ method: "GET", ...given });
  return data;
}
