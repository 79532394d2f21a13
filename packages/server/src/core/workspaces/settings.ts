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

/** What holds, by what each level says as its row keeps it, the widest first. */
export function settleRows(...levels: readonly (string | null)[]): Settings {
  // Columns of ours, which hold what `changed` gave.
  return settle(...levels.map((text) => (text === null ? {} : (JSON.parse(text) as OwnSettings))));
}

/** Whether our own AI answers. */
export function answersItself({ ai_enabled, external_reply_mode }: Settings): boolean {
  return ai_enabled && !external_reply_mode;
}

/** Whether inbound bodies of such a channel are destroyed after they were forwarded. */
export function purges(kind: string, settings: Settings): boolean {
  return settings.inbound_body_purge && canPurge(kind);
}

/** On the other kinds what customers wrote can be read at the provider's for years. */
export function canPurge(kind: string): boolean {
  return kind === "sms" || kind === "whatsapp";
}

/** Whatever answers a customer here needs what they wrote: both cannot be had. */
export function contradictsPurge(settings: Settings): boolean {
  return settings.inbound_body_purge && answersItself(settings);
}

/** What a level says after a change. */
export function changed(before: OwnSettings, change: SettingsChange): OwnSettings {
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(merged.filter(([, value]) => typeof value === "boolean"));
}
