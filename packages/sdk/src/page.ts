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

/** Every item of a list, page by page as they are asked for. */
export async function* everyItem<Item, Query extends PageQuery>(
  readPage: (query: Query) => Promise<Page<Item>>,
  query: Query,
): AsyncGenerator<Item, void, undefined> {
  let page = await readPage(query);
  for (;;) {
    yield* page.data;
    if (page.next_cursor === null) return;
    page = await readPage({ ...query, cursor: page.next_cursor });
  }
}
