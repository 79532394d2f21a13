/** How conversations are handled. What a channel does not say its account says, then the workspace. */
export interface Settings {
  ai_enabled: boolean;
  /** Answers come from outside: nothing here replies by itself. */
  external_reply_mode: boolean;
  /** The body of an inbound message is destroyed after it was forwarded once. */
  inbound_body_purge: boolean;
}

/** What one level says; a setting that it leaves out comes from the level above. */
export type OwnSettings = { readonly [Name in keyof Settings]?: boolean };

/** Null puts a setting back to what the level above says. */
export type SettingsChange = { readonly [Name in keyof Settings]?: boolean | null | undefined };

const DEFAULTS: Settings = {
  ai_enabled: true,
  external_reply_mode: false,
  inbound_body_purge: false,
};

/** What holds, given what each level says, the widest first. */
export function settle(...levels: readonly OwnSettings[]): Settings {
  return Object.assign({ ...DEFAULTS }, ...levels);
}

/** Whether our own AI answers, by what each level says as its row keeps it, the widest first. */
export function answersItself(...levels: readonly (string | null)[]): boolean {
  // Columns of ours, which hold what `changed` gave.
  const own = levels.map((text) => (text === null ? {} : (JSON.parse(text) as OwnSettings)));
  const { ai_enabled, external_reply_mode } = settle(...own);
  return ai_enabled && !external_reply_mode;
}

/** What a level says after a change. */
export function changed(before: OwnSettings, change: SettingsChange): OwnSettings {
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(merged.filter(([, value]) => typeof value === "boolean"));
}
