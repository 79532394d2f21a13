import type { FieldError } from "../calls/curlew-error.ts";
import { listCalls, type PageQuery, wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { OwnSettings, SettingsChange } from "./settings.ts";

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

export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  /** The address at the provider: for WhatsApp the `phone_number_id`. */
  external_id: string;
  account_id?: string;
  credentials?: ChannelCredentials;
  waba_id?: string;
  messaging_service_sid?: string;
  /** Instagram only: whose login gave the token, that of a Page (`facebook`) when absent. */
  login?: ChannelLogin;
  /** Which of its account's channels of this kind sends when none is named. */
  is_default?: boolean;
  settings?: SettingsChange;
}

export type ChannelLogin = "facebook" | "instagram";

export interface ChannelPatch {
  name?: string;
  /** What is left out stays; null takes it away. */
  credentials?: { [Name in keyof ChannelCredentials]?: string | null };
  waba_id?: string | null;
  login?: ChannelLogin;
  is_default?: boolean;
  settings?: SettingsChange;
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
  login: ChannelLogin | null;
  is_default: boolean;
  /** Its provider is the built-in simulator. */
  simulated: boolean;
  settings: OwnSettings;
  state: "connected" | "paused" | "degraded";
  state_reason: string | null;
  created_at: string;
  updated_at: string;
}

/** `warnings`, where there are any, name what was taken as it came and is perhaps not what was meant. */
export type NewChannel = Channel & { warnings?: FieldError[] };

export interface ChannelQuery extends PageQuery {
  kind?: ChannelKind;
  /** Only those that are paused, or that their provider refuses. */
  troubled?: boolean;
}

/** What WhatsApp's embedded signup came back with. */
export interface WhatsappSignup {
  /** Good for a moment. */
  code: string;
  waba_id: string;
  phone_number_id: string;
  name?: string;
  account_id?: string;
  /** The number's two-step verification from now on. */
  pin?: string;
}

export interface PageLogin {
  page_id: string;
  /** Of Facebook Login; an hour is enough. */
  user_access_token: string;
  /** The Instagram account that belongs to the Page too. */
  instagram?: boolean;
  name?: string;
  account_id?: string;
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
  const path = ["channels"];
  const at = (id: string) => [...path, id];
  return {
    connect: (body: ChannelDraft, options?: RequestOptions) =>
      call<NewChannel>({ method: "POST", path, body, options }),
    /** Connects a number with what the signup came back with. */
    connectWhatsapp: (body: WhatsappSignup, options?: RequestOptions) =>
      call<Channel>({ method: "POST", path: [...path, "connect", "whatsapp"], body, options }),
    /** Connects a Page, and the Instagram account that belongs to it. */
    connectPage: async (body: PageLogin, options?: RequestOptions): Promise<Channel[]> => {
      const to = [...path, "connect", "page"];
      const { data } = await call<{ data: Channel[] }>({ method: "POST", path: to, body, options });
      return data;
    },
    ...listCalls<Channel, ChannelQuery>(call, path),
    get: (id: string, options?: RequestOptions) =>
      call<Channel>({ method: "GET", path: at(id), options }),
    update: (id: string, body: ChannelPatch, options?: RequestOptions) =>
      call<Channel>({ method: "PATCH", path: at(id), body, options }),
    /** Asks the provider what usually goes wrong. */
    check: (id: string, options?: RequestOptions) =>
      call<ChannelCheck>({
        method: "POST",
        path: [...at(id), "check"],
        isRepeatable: true,
        options,
      }),
    /** What files it takes, the type that shows one best first. */
    fileLimits: (id: string, options?: RequestOptions) =>
      wholeList<FileLimit>(call, { path: [...at(id), "file-limits"], options }),
    /** Disconnects it; its conversations stay. */
    delete: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: at(id), options }),
  };
}
