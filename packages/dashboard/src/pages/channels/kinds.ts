/** The kinds that can be connected, in the order in which they are offered. */
export const KINDS = ["whatsapp", "messenger", "instagram", "sms"] as const;

export type Kind = (typeof KINDS)[number];

export type CredentialName = "access_token" | "app_secret" | "account_sid" | "auth_token";

/** Meta's ids are opaque: what is none the server refuses, in its words. */
const ANY = /\S/;
const DIGITS = /^\d+$/;
const E164 = /^\+\d+$/;

/** What a kind is connected with; what is not needed may stay empty. */
export const FIELDS: Record<
  Kind,
  {
    /** What may be an address of the kind. */
    externalId: RegExp;
    /** How it has always looked so far. */
    usualId: RegExp;
    credentials: readonly { name: CredentialName; isNeeded: boolean; isSecret: boolean }[];
    more: readonly ("waba_id" | "messaging_service_sid" | "login")[];
  }
> = {
  whatsapp: { externalId: ANY, usualId: DIGITS, credentials: meta(), more: ["waba_id"] },
  messenger: { externalId: ANY, usualId: DIGITS, credentials: meta(), more: [] },
  instagram: { externalId: ANY, usualId: DIGITS, credentials: meta(), more: ["login"] },
  sms: {
    externalId: E164,
    usualId: E164,
    credentials: [
      { name: "account_sid", isNeeded: true, isSecret: false },
      { name: "auth_token", isNeeded: true, isSecret: true },
    ],
    more: ["messaging_service_sid"],
  },
};

function meta() {
  return [
    { name: "access_token", isNeeded: true, isSecret: true },
    { name: "app_secret", isNeeded: false, isSecret: true },
  ] as const;
}

export function isKind(kind: string): kind is Kind {
  return KINDS.some((each) => each === kind);
}
