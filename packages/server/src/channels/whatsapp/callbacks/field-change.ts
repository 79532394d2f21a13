import type { ChannelAddress } from "../../../core/messages/inbound.ts";
import type { JsonObject } from "../../meta/read.ts";

/** One change of a field that is not `messages`. */
export interface FieldChange {
  field: string;
  value: JsonObject;
  /** The number that it names; null where it is about the whole business account. */
  channel: ChannelAddress | null;
  /** The business account, as an address. */
  businessAccount: ChannelAddress | null;
  /** Of the entry, by the provider's clock. */
  at: number | null;
  people: readonly JsonObject[];
}
