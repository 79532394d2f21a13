/** What a channel's address can be an address of. */
export const CHANNEL_KINDS = [
  "messenger",
  "instagram",
  "whatsapp",
  "sms",
  "webchat",
  "email",
  "linkedin",
] as const;

export type ChannelKind = (typeof CHANNEL_KINDS)[number];

const KNOWN: ReadonlySet<string> = new Set(CHANNEL_KINDS);

export function isChannelKind(text: string): text is ChannelKind {
  return KNOWN.has(text);
}

/** The parts of a channel's credentials, named as the API names them. */
export type CredentialName = "access_token" | "app_secret" | "account_sid" | "auth_token";

export interface ConnectableKind {
  readonly kind: ChannelKind;
  readonly externalId: RegExp;
  /** How it has always looked so far. */
  readonly usualId: RegExp;
  /** What `external_id` is, in words, for whoever gave something else. */
  readonly externalIdIs: string;
  readonly credentials: readonly CredentialName[];
  /** Which of the optional fields of one kind alone it has. */
  readonly fields: readonly ("waba_id" | "messaging_service_sid" | "login")[];
}

/**
 * Whose login gave an Instagram channel its token, which decides the host that it is used at:
 * `facebook` is graph.facebook.com with the token of the Page, `instagram` is graph.instagram.com
 * with the token of the Instagram user.
 */
export const INSTAGRAM_LOGINS = ["facebook", "instagram"] as const;

export type InstagramLogin = (typeof INSTAGRAM_LOGINS)[number];

/** Meta's ids are opaque: no more is refused than a telephone number, an @name, an address and `<what stands for one>`. */
const META_ID = /^(?![+@.])[^\s/?#%\\<>]{1,64}$/u;
const DIGITS = /^\d+$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/** The kinds that this version can connect. */
const CONNECTABLE: readonly ConnectableKind[] = [
  {
    kind: "whatsapp",
    externalId: META_ID,
    usualId: DIGITS,
    externalIdIs: "the phone_number_id that Meta shows for the number: digits only",
    credentials: ["access_token", "app_secret"],
    fields: ["waba_id"],
  },
  {
    kind: "messenger",
    externalId: META_ID,
    usualId: DIGITS,
    externalIdIs: "the Page's id: digits only",
    credentials: ["access_token", "app_secret"],
    fields: [],
  },
  {
    kind: "instagram",
    externalId: META_ID,
    usualId: DIGITS,
    externalIdIs: "the id of the Instagram professional account (17841…): digits only",
    credentials: ["access_token", "app_secret"],
    fields: ["login"],
  },
  {
    kind: "sms",
    externalId: E164,
    usualId: E164,
    externalIdIs: "the Twilio number in E.164: a plus sign and digits",
    credentials: ["account_sid", "auth_token"],
    fields: ["messaging_service_sid"],
  },
];

/** How a channel of this kind is connected, or null when this version cannot. */
export function connectable(kind: string): ConnectableKind | null {
  return CONNECTABLE.find((each) => each.kind === kind) ?? null;
}

export function connectableKinds(): readonly ChannelKind[] {
  return CONNECTABLE.map((each) => each.kind);
}
