import type { ChannelKind } from "./channel-kinds.ts";
import type { IdentityKind } from "./inbound.ts";
import { isE164, phoneOfWaId, waIdsOf } from "./phone.ts";

/** The ways to say whom a message is for; where several are given, the first of these leads. */
export type RecipientField = "conversation_id" | "platform_user_id" | "wa_user_id" | "to_phone";

/** Everything that one person may be known by on a channel, given one way to say who it is. */
export interface Names {
  kinds: readonly IdentityKind[];
  values: readonly string[];
}

export function namesOf(field: Exclude<RecipientField, "conversation_id">, text: string): Names {
  switch (field) {
    case "to_phone":
      return { kinds: ["wa_id"], values: waIdsOf(text) };
    case "wa_user_id":
      return { kinds: ["bsuid"], values: [text] };
    case "platform_user_id": {
      const phone = isE164(text) ? text : phoneOfWaId(text);
      // The provider's own spelling leads; a number is also found under its other forms.
      return phone === null
        ? { kinds: ["bsuid"], values: [text] }
        : { kinds: ["wa_id"], values: waIdsOf(phone) };
    }
  }
}

export function isNamed(
  { kinds, values }: Names,
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
