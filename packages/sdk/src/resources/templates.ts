import { listCalls, type PageQuery } from "../calls/page.ts";
import type { Transport } from "../calls/transport.ts";

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
  refresh?: boolean;
}

export type Templates = ReturnType<typeof templateCalls>;

export function templateCalls(call: Transport) {
  return listCalls<Template, TemplateQuery>(call, ["templates"]);
}
