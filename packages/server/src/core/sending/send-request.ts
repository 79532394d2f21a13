import type { ChannelKind } from "../messages/channel-kinds.ts";
import type { IdentityKind, IdentityName } from "../messages/inbound.ts";
import { isE164, phoneOfWaId, waIdOf, waIdsOf } from "../messages/phone.ts";

/** The ways to say whom a message is for; where several are given, the first of these leads. */
export type RecipientField = "conversation_id" | "platform_user_id" | "wa_user_id" | "to_phone";

/** Everything that one person may be known by on a channel, given one way to say who it is. */
export interface Names {
  kinds: readonly IdentityKind[];
  /** What was said, in each way in which a channel may spell it. */
  exact: readonly string[];
  /** The exact ones, then other forms of the same telephone number. */
  values: readonly string[];
}

const OPAQUE = ["bsuid", "psid", "igsid"] as const;

export function namesOf(field: Exclude<RecipientField, "conversation_id">, text: string): Names {
  switch (field) {
    case "to_phone":
      return phoneNames(text, ["wa_id", "phone"]);
    case "wa_user_id":
      return { kinds: ["bsuid"], exact: [text], values: [text] };
    case "platform_user_id": {
      // Digits may be a telephone number, or what Messenger or Instagram call somebody.
      const phone = isE164(text) ? text : phoneOfWaId(text);
      return phone === null
        ? { kinds: OPAQUE, exact: [text], values: [text] }
        : phoneNames(phone, ["wa_id", "phone", ...OPAQUE]);
    }
  }
}

/** The provider's own spelling leads; a number is also found under its other forms. */
function phoneNames(e164: string, kinds: readonly IdentityKind[]): Names {
  const exact = [waIdOf(e164), e164];
  return { kinds, exact, values: [...new Set([...exact, ...waIdsOf(e164)])] };
}

/** Somebody whom a channel has never heard of, by the name that it would know them by; null where that cannot be told. */
export function strangerOf(
  kind: ChannelKind,
  field: Exclude<RecipientField, "conversation_id">,
  text: string,
): IdentityName | null {
  const e164 = field === "wa_user_id" ? null : isE164(text) ? text : phoneOfWaId(text);
  switch (kind) {
    case "whatsapp":
      return e164 === null ? null : { kind: "wa_id", value: waIdOf(e164) };
    case "sms":
      return e164 === null ? null : { kind: "phone", value: e164 };
    case "messenger":
      return field === "platform_user_id" ? { kind: "psid", value: text } : null;
    case "instagram":
      return field === "platform_user_id" ? { kind: "igsid", value: text } : null;
    default:
      return null;
  }
}

export function isNamed(
  { kinds, values }: Pick<Names, "kinds" | "values">,
  identities: readonly { kind: string; value: string }[],
): boolean {
  const known: readonly string[] = kinds;
  return identities.some(({ kind, value }) => known.includes(kind) && values.includes(value));
}

/**
 * The kind of channel that a request means: what it says, what its recipient can only be, or, for a
 * telephone number alone, SMS. Null where only looking the recipient up can tell.
 */
export function platformMeant(o: {
  platform: ChannelKind | null;
  /** Of the channel that the request names. */
  channelKind: ChannelKind | null;
  recipients: readonly RecipientField[];
}): ChannelKind | null {
  if (o.platform !== null) return o.platform;
  if (o.recipients.includes("wa_user_id")) return "whatsapp";
  if (o.channelKind !== null) return o.channelKind;
  return o.recipients.every((each) => each === "to_phone") ? "sms" : null;
}

/** A channel that could send, as far as choosing among several goes. */
export interface Candidate {
  id: string;
  accountId: string | null;
  isDefault: boolean;
}

/** The only one, or the default one; null when that does not decide it. */
export function chooseChannel<C extends Candidate>(candidates: readonly C[]): C | null {
  const [first, ...others] = candidates;
  if (first === undefined || others.length === 0) return first ?? null;
  const defaults = candidates.filter((each) => each.isDefault);
  if (defaults.length === 1) return defaults[0] ?? null;
  // Each account has a default of its own; the workspace's own comes before those of its accounts.
  const common = defaults.filter((each) => each.accountId === null);
  return common.length === 1 ? (common[0] ?? null) : null;
}
