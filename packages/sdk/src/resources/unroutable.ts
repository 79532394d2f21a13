import { listCalls, type PageQuery } from "../calls/page.ts";
import type { Transport } from "../calls/transport.ts";

/** What a provider told that belongs to no channel. */
export interface UnroutableEntry {
  id: string;
  provider: string;
  channel_kind: string | null;
  /** The address that it came for. */
  external_id: string | null;
  reason: string;
  /** As it came: JSON, where it was JSON. */
  payload: string;
  /** False where `payload` is the beginning of a longer one. */
  payload_is_whole: boolean;
  received_at: string;
}

export interface UnroutableQuery extends PageQuery {
  reason?: string;
}

export type Unroutable = ReturnType<typeof unroutableCalls>;

export function unroutableCalls(call: Transport) {
  return listCalls<UnroutableEntry, UnroutableQuery>(call, ["unroutable"]);
}
