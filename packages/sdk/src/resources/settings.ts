import type { RequestOptions, Transport } from "../calls/transport.ts";

/** The workspace's, which hold where neither account nor channel says otherwise. */
export interface Settings {
  /** Whether Curlew's own AI answers. */
  ai_enabled: boolean;
  /** Another system answers: nothing here does. */
  external_reply_mode: boolean;
  /** What customers write by SMS and WhatsApp is forwarded once and written nowhere. */
  inbound_body_purge: boolean;
}

/** An account's or a channel's own: what is not there is as the account, or the workspace, has it. */
export type OwnSettings = Partial<Settings>;

/** Null takes a setting back to what the account, or the workspace, says. */
export type SettingsChange = { readonly [Name in keyof Settings]?: boolean | null };

export type SettingsCalls = ReturnType<typeof settingsCalls>;

export function settingsCalls(call: Transport) {
  const path = ["settings"];
  return {
    get: (options?: RequestOptions) => call<Settings>({ method: "GET", path, options }),
    update: (body: SettingsChange, options?: RequestOptions) =>
      call<Settings>({ method: "PATCH", path, body, options }),
  };
}
