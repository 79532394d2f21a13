import { everyItem, type Page, type PageQuery } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** A WhatsApp template, as it is at Meta. */
export interface Template {
  /** Meta's. */
  id: string | null;
  waba_id: string;
  name: string;
  language: string;
  category: string | null;
  status: string | null;
  quality: string | null;
  /** As Meta gives them. */
  components: unknown[];
  synced_at: string;
}

export interface TemplateQuery extends PageQuery {
  channel_id?: string;
  name?: string;
  status?: string;
  /** Asks Meta first. */
  refresh?: "true";
}

export type Templates = ReturnType<typeof templateCalls>;

export function templateCalls(call: Transport) {
  const list = (query: TemplateQuery = {}, options?: RequestOptions) =>
    call<Page<Template>>({ method: "GET", path: ["templates"], query: { ...query }, options });
  return {
    list,
    /** Every template, read page by page. */
    all: (query: TemplateQuery = {}, options?: RequestOptions) =>
      everyItem((page: TemplateQuery) => list(page, options), query),
  };
}
