import type { ChannelAddress, Person } from "../../../core/messages/inbound.ts";
import type { JsonObject } from "../read.ts";

/** What differs between the two platforms that share the shape. */
export interface Platform {
  kind: "messenger" | "instagram";
  identity: "psid" | "igsid";
}

/** One of `entry[].messaging[]`, and who speaks with whom. */
export interface Exchange {
  channel: ChannelAddress;
  person: Person;
  at: number | null;
  item: JsonObject;
  raw: string;
  isStandby: boolean;
}
