import { fieldsOf } from "../control/input.ts";

export interface SocialSettings {
  /** What is sent is told back, after the answer or already before it; or not at all. */
  echoes: "off" | "after" | "before";
  /** Messages are reported as delivered (Messenger alone). */
  deliveries: boolean;
  /** Messages are reported as read. */
  reads: boolean;
  /** Each of these comes twice. */
  duplicate: boolean;
  /** How long each of these takes. */
  delay_ms: number;
  /** A message outside the 24 hours is refused (10, 2018278 or 2534022), or let through. */
  window: "on" | "off";
  /** Sends per second and account before 613; 0 lifts the limit. */
  rate_per_s: number;
  /** What an echo names as the application that sent it. */
  app_id: string;
}

export type SocialSettingsInput = Partial<SocialSettings>;

export const DEFAULT_SOCIAL_SETTINGS: SocialSettings = {
  echoes: "off",
  deliveries: false,
  reads: false,
  duplicate: false,
  delay_ms: 0,
  window: "on",
  rate_per_s: 0,
  app_id: "1517776481860111",
};

/** The settings with what `input` names changed. Throws ControlError in words. */
export function changeSocialSettings(current: SocialSettings, input: unknown): SocialSettings {
  const fields = fieldsOf(input, "social settings");
  const limit = { min: 0, max: 1_000_000_000 };
  const next: SocialSettings = {
    echoes: fields.choice("echoes", ["off", "after", "before"]) ?? current.echoes,
    deliveries: fields.flag("deliveries") ?? current.deliveries,
    reads: fields.flag("reads") ?? current.reads,
    duplicate: fields.flag("duplicate") ?? current.duplicate,
    delay_ms: fields.integer("delay_ms", limit) ?? current.delay_ms,
    window: fields.choice("window", ["on", "off"]) ?? current.window,
    rate_per_s: fields.integer("rate_per_s", limit) ?? current.rate_per_s,
    app_id: fields.text("app_id") ?? current.app_id,
  };
  fields.done();
  return next;
}
