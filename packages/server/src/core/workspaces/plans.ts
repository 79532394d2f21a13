/** What a plan or an add-on opens. `sms` and `whatsapp` cover both directions. */
export const FEATURES = ["webhooks", "send", "sms", "whatsapp"] as const;

export type Feature = (typeof FEATURES)[number];

/** A tier that the operator offers. null = no limit. */
export interface Plan {
  name: string;
  title: string;
  /** Endpoints that a workspace may have at a time. */
  endpoints: number | null;
  /** SMS that a workspace may send in a calendar month (UTC), by calls that Twilio took. */
  smsPerMonth: number | null;
  features: readonly Feature[];
}

/** What the operator has given to a workspace. Instants are ms since the epoch. */
export interface Grant {
  plan: Plan;
  addOns: readonly Feature[];
  trialEndsAt: number | null;
}

/** The plan that gates nothing, and that a workspace has when nobody says otherwise. */
export const UNLIMITED = "unlimited";

export function isUnlimited({ plan }: Grant): boolean {
  return plan.name === UNLIMITED;
}

export function has({ plan, addOns }: Grant, feature: Feature): boolean {
  return plan.features.includes(feature) || addOns.includes(feature);
}

export function isTrialOver({ trialEndsAt }: Pick<Grant, "trialEndsAt">, now: number): boolean {
  return trialEndsAt !== null && trialEndsAt <= now;
}

/** The feature that a kind of channel needs, or null when every plan has it. */
export function featureOf(kind: string): Feature | null {
  return kind === "sms" || kind === "whatsapp" ? kind : null;
}

export function isFeature(text: string): text is Feature {
  return FEATURES.some((feature) => feature === text);
}
