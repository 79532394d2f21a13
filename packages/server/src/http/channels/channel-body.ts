import { z } from "@hono/zod-openapi";
import { publicId } from "../../core/ids.ts";
import {
  CHANNEL_KINDS,
  type ConnectableKind,
  type CredentialName,
  connectable,
  connectableKinds,
  INSTAGRAM_LOGINS,
} from "../../core/messages/channel-kinds.ts";
import { SIMULATED_TOKEN } from "../../core/sending/simulated.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { type Channel, credentialsPlace } from "../../storage/channels/channels.ts";
import { fieldRefused, idSchema, showInstant, shownId, shownInstant } from "../api.ts";
import { ShownWarning } from "../events/type-warnings.ts";
import { readSettings, SettingsChange, ShownOwnSettings } from "../workspaces/settings.ts";

type Credentials = { [Name in CredentialName]?: string };

const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), {
    error: `must be ${prefix} and 32 hexadecimal digits, as Twilio shows it`,
  });
const secret = z.string().min(1).max(4096);
const name = z.string().trim().min(1).max(100);
const given = z.string().min(1).max(200);

export const ChannelBody = z.strictObject({
  kind: z.enum(CHANNEL_KINDS),
  name,
  external_id: given.openapi({
    description:
      "The address at the provider: the Page's id, the Instagram account's id, WhatsApp's `phone_number_id`, the Twilio number in E.164.",
  }),
  account_id: idSchema("acc").nullable().optional(),
  credentials: z
    .strictObject({
      access_token: secret.optional(),
      app_secret: secret.optional(),
      account_sid: sid("AC").optional(),
      auth_token: secret.optional(),
    })
    .optional(),
  waba_id: given.optional(),
  messaging_service_sid: sid("MG").optional(),
  login: z.enum(INSTAGRAM_LOGINS).optional().openapi({
    description:
      "Instagram only: whose login gave the token. `facebook`, the default, is the token of a Page for graph.facebook.com; `instagram` is an Instagram user's for graph.instagram.com.",
  }),
  is_default: z.boolean().optional().openapi({
    description: "Which of its account's channels of this kind sends when none is named.",
  }),
  settings: SettingsChange.optional(),
});

export const ChannelPatch = z.strictObject({
  name: name.optional(),
  credentials: z
    .strictObject({
      access_token: secret.nullable().optional(),
      app_secret: secret.nullable().optional(),
      account_sid: sid("AC").nullable().optional(),
      auth_token: secret.nullable().optional(),
    })
    .optional()
    .openapi({ description: "What is left out stays; null takes it away." }),
  waba_id: given.nullable().optional(),
  login: z.enum(INSTAGRAM_LOGINS).optional(),
  is_default: z.boolean().optional(),
  settings: SettingsChange.optional(),
});

export const ShownChannel = z
  .object({
    id: shownId("ch"),
    serial: z.int(),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string(),
    external_id: z.string(),
    account_id: shownId("acc").nullable(),
    waba_id: z.string().nullable(),
    messaging_service_sid: z.string().nullable(),
    login: z.enum(INSTAGRAM_LOGINS).nullable(),
    has_access_token: z.boolean(),
    has_app_secret: z.boolean(),
    has_account_sid: z.boolean(),
    has_auth_token: z.boolean(),
    simulated: z.boolean().openapi({ description: "Its provider is the built-in simulator" }),
    is_default: z.boolean(),
    settings: ShownOwnSettings,
    state: z.enum(["connected", "paused", "degraded"]),
    state_reason: z.string().nullable(),
    created_at: shownInstant,
    updated_at: shownInstant,
  })
  .openapi("Channel");

export const ShownNewChannel = ShownChannel.extend({
  warnings: z.array(ShownWarning).optional().openapi({
    description:
      "Where there are any: what was taken as it came, and is perhaps not what was meant",
  }),
}).openapi("NewChannel");

/** What is stored of credentials; null when there are none. Those that are null are left out. */
export function sealCredentials(
  vault: Vault,
  id: string,
  credentials: Record<string, string | null | undefined>,
): string | null {
  const kept = Object.entries(credentials).filter(([, value]) => typeof value === "string");
  if (kept.length === 0) return null;
  return vault.seal(JSON.stringify(Object.fromEntries(kept)), credentialsPlace(id));
}

export function openCredentials(vault: Vault, { id, credentials }: Channel): Credentials {
  if (credentials === null) return {};
  return JSON.parse(vault.open(credentials, credentialsPlace(id))) as Credentials; // sealed above
}

/** A channel as the API shows it: which credentials it has, and none of them. */
export function showChannel(vault: Vault, channel: Channel): z.infer<typeof ShownChannel> {
  const credentials = openCredentials(vault, channel);
  return {
    id: publicId("ch", channel.id),
    serial: channel.serial,
    kind: channel.kind as z.infer<typeof ShownChannel>["kind"], // written by `create` alone
    name: channel.name,
    external_id: channel.externalId,
    account_id: channel.accountId === null ? null : publicId("acc", channel.accountId),
    waba_id: channel.wabaId,
    messaging_service_sid: channel.messagingServiceSid,
    login: channel.login,
    has_access_token: credentials.access_token !== undefined,
    has_app_secret: credentials.app_secret !== undefined,
    has_account_sid: credentials.account_sid !== undefined,
    has_auth_token: credentials.auth_token !== undefined,
    simulated: [credentials.access_token, credentials.auth_token].some(
      (token) => token?.startsWith(SIMULATED_TOKEN) === true,
    ),
    is_default: channel.isDefault,
    settings: readSettings(channel.settings),
    state: channel.state,
    state_reason: channel.stateReason,
    created_at: showInstant(channel.createdAt),
    updated_at: showInstant(channel.updatedAt),
  };
}

/** How channels of a kind are connected. Refuses those that this version cannot. */
export function requireConnectable(kind: string): ConnectableKind {
  const found = connectable(kind);
  if (found) return found;
  const offered = connectableKinds().join(", ");
  throw fieldRefused(
    "/kind",
    `this version cannot connect ${kind} channels yet; it connects ${offered}`,
    "unsupported_action",
  );
}

/** An id that does not look like one is taken all the same: providers owe nobody its look. */
export function idWarnings({ kind, externalId }: Pick<Channel, "kind" | "externalId">) {
  const { usualId, externalIdIs } = requireConnectable(kind);
  if (usualId.test(externalId)) return {};
  return { warnings: [{ pointer: "/external_id", detail: `is hardly ${externalIdIs}` }] };
}

/** Refuses what belongs to channels of another kind: it would be kept and never used. */
export function refuseForeignFields(
  { kind, credentials: allowed, fields }: ConnectableKind,
  body: {
    credentials?: object | undefined;
    waba_id?: unknown;
    messaging_service_sid?: unknown;
    login?: unknown;
  },
): void {
  const names: readonly string[] = allowed;
  for (const name of Object.keys(body.credentials ?? {})) {
    if (!names.includes(name)) {
      throw fieldRefused(`/credentials/${name}`, `a ${kind} channel has no ${name}`);
    }
  }
  for (const field of ["waba_id", "messaging_service_sid", "login"] as const) {
    if (body[field] !== undefined && !fields.includes(field)) {
      throw fieldRefused(`/${field}`, `a ${kind} channel has no ${field}`);
    }
  }
}
