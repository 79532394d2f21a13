import type { FieldError } from "./curlew-error.ts";
import { everyItem, type Page, type PageQuery } from "./page.ts";
import type { RequestOptions, Transport, WriteOptions } from "./transport.ts";

export type ChannelKind =
  | "messenger"
  | "instagram"
  | "whatsapp"
  | "sms"
  | "webchat"
  | "email"
  | "linkedin";

export interface ChannelCredentials {
  access_token?: string;
  app_secret?: string;
  account_sid?: string;
  auth_token?: string;
}

export interface ChannelSettings {
  ai_enabled?: boolean | null;
  external_reply_mode?: boolean | null;
  inbound_body_purge?: boolean | null;
}

export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  /** The address at the provider: for WhatsApp the `phone_number_id`. */
  external_id: string;
  account_id?: string | null;
  credentials?: ChannelCredentials;
  waba_id?: string;
  messaging_service_sid?: string;
  is_default?: boolean;
  settings?: ChannelSettings;
}

export interface ChannelPatch {
  name?: string;
  /** What is left out stays; null takes it away. */
  credentials?: { [Name in keyof ChannelCredentials]?: string | null };
  waba_id?: string | null;
  is_default?: boolean;
  settings?: ChannelSettings;
}

/** A connected address. Its credentials are never shown. */
export interface Channel {
  id: string;
  serial: number;
  kind: ChannelKind;
  name: string;
  external_id: string;
  account_id: string | null;
  waba_id: string | null;
  messaging_service_sid: string | null;
  has_access_token: boolean;
  has_app_secret: boolean;
  has_account_sid: boolean;
  has_auth_token: boolean;
  is_default: boolean;
  settings: ChannelSettings;
  state: "connected" | "paused" | "degraded";
  state_reason: string | null;
  created_at: string;
  updated_at: string;
  /** In the answer to `create`, where there are any: what was taken, and is perhaps not what was meant. */
  warnings?: readonly FieldError[];
}

export interface ChannelQuery extends PageQuery {
  kind?: ChannelKind;
}

/** What the provider was asked about a channel, and what is wrong in words. */
export interface ChannelCheck {
  /** Nothing has failed. */
  ok: boolean;
  checks: {
    check: string;
    state: "ok" | "warning" | "failed" | "unknown";
    detail: string;
    advice: string | null;
  }[];
}

/** What a channel takes as one type of content. */
export interface FileLimit {
  type: "image" | "video" | "audio" | "voice" | "document" | "sticker";
  /** `video/*` is all of a family, `*` is anything. */
  mimes: string[];
  max_bytes: number;
  /** Characters of the words beside it; null where it goes without. */
  max_caption: number | null;
}

export type Channels = ReturnType<typeof channelCalls>;

export function channelCalls(call: Transport) {
  const at = (id: string) => ["channels", id];
  const list = (query: ChannelQuery = {}, options?: RequestOptions) =>
    call<Page<Channel>>({ method: "GET", path: ["channels"], query: { ...query }, options });
  return {
    connect: (body: ChannelDraft, options?: WriteOptions) =>
      call<Channel>({ method: "POST", path: ["channels"], body, options }),
    list,
    /** Every channel, read page by page. */
    all: (query: ChannelQuery = {}, options?: RequestOptions) =>
      everyItem((page: ChannelQuery) => list(page, options), query),
    get: (id: string, options?: RequestOptions) =>
      call<Channel>({ method: "GET", path: at(id), options }),
    update: (id: string, body: ChannelPatch, options?: WriteOptions) =>
      call<Channel>({ method: "PATCH", path: at(id), body, options }),
    /** Asks the provider what usually goes wrong. */
    check: (id: string, options?: RequestOptions) =>
      call<ChannelCheck>({ method: "POST", path: [...at(id), "check"], options }),
    /** What files it takes, the type that shows one best first. */
    fileLimits: (id: string, options?: RequestOptions) =>
      call<{ data: FileLimit[] }>({ method: "GET", path: [...at(id), "file-limits"], options }),
    /** Disconnects it; its conversations stay. */
    delete: (id: string, options?: WriteOptions) =>
      call<void>({ method: "DELETE", path: at(id), options }),
  };
}
