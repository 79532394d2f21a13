import { wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { DialectName } from "./dialects.ts";

export interface EventType {
  type: string;
  description: string;
  /** About Curlew itself: `*` does not stand for it. */
  operational: boolean;
  /** The workspace has described it itself. */
  is_own: boolean;
}

export interface EventTypeDetail extends EventType {
  /** JSON Schema of `data`. Expect members that it does not name. */
  schema: Record<string, unknown> | null;
  /** Of an own type its `data`, as it was given; else a whole native body. */
  example: Record<string, unknown> | null;
  /** The example in the dialect that was asked for; null where none was, or where it has no such event. */
  rendered: { dialect: string; name: string; body: string } | null;
}

export interface EventTypeDraft {
  description?: string;
  /** JSON Schema that the `data` of what is published must fit. */
  schema?: Readonly<Record<string, unknown>> | null;
  example?: Readonly<Record<string, unknown>> | null;
}

export type EventTypes = ReturnType<typeof eventTypeCalls>;

export function eventTypeCalls(call: Transport) {
  const at = (type: string) => ["event-types", type];
  return {
    /** Every type that Curlew knows, and those that the workspace has described. */
    list: (options?: RequestOptions) =>
      wholeList<EventType>(call, { path: ["event-types"], options }),
    get: (type: string, query?: { dialect?: DialectName }, options?: RequestOptions) =>
      call<EventTypeDetail>({ method: "GET", path: at(type), query, options }),
    /** Describes a type of your own. */
    put: (type: string, body: EventTypeDraft, options?: RequestOptions) =>
      call<EventTypeDetail>({ method: "PUT", path: at(type), body, options }),
    /** Forgets what is said of it; its events stay. */
    delete: (type: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: at(type), options }),
  };
}
