/** The kinds that can be connected, in the order in which they are offered. */
export const KINDS = ["whatsapp", "messenger", "instagram", "sms"] as const;

export type Kind = (typeof KINDS)[number];

export type CredentialName = "access_token" | "app_secret" | "account_sid" | "auth_token";

const DIGITS = /^\d+$/;

/** What a kind is connected with; what is not needed may stay empty. */
export const FIELDS: Record<
  Kind,
  {
    /** How an address of the kind looks. */
    externalId: RegExp;
    credentials: readonly { name: CredentialName; isNeeded: boolean; isSecret: boolean }[];
    more: readonly ("waba_id" | "messaging_service_sid" | "login")[];
  }
> = {
  whatsapp: { externalId: DIGITS, credentials: meta(), more: ["waba_id"] },
  messenger: { externalId: DIGITS, credentials: meta(), more: [] },
  instagram: { externalId: DIGITS, credentials: meta(), more: ["login"] },
  sms: {
    externalId: /^\+\d+$/,
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
