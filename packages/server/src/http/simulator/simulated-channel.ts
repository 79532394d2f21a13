import { randomBytes, randomInt } from "node:crypto";
import { publicId } from "../../core/ids.ts";
import { SIMULATED_ADDRESSES, SIMULATED_TOKEN } from "../../core/sending/simulated.ts";
import type { SimulatorControl } from "./control.ts";

/** The kinds of channels that the simulator plays. */
export const SIMULATED_KINDS = ["whatsapp", "instagram", "messenger", "sms"] as const;
export type SimulatedKind = (typeof SIMULATED_KINDS)[number];

export interface SimulatedCredentials {
  access_token?: string;
  app_secret?: string;
  account_sid?: string;
  auth_token?: string;
}

export interface SimulatedChannel {
  id: string;
  kind: SimulatedKind;
  name: string;
  externalId: string;
  wabaId: string | null;
  credentials: SimulatedCredentials;
}

/** Who writes when nobody is named. */
export const CUSTOMERS: Record<SimulatedKind, string> = {
  whatsapp: "15550100199",
  instagram: "7200000000000001",
  messenger: "7100000000000001",
  sms: "+15550100199",
};
export const CUSTOMER_NAME = "Test customer";

/** An address and credentials that nobody has yet, most likely. */
export function inventChannel(kind: SimulatedKind, appSecret: string) {
  const token = SIMULATED_TOKEN + randomBytes(18).toString("base64url");
  const [meta, sms] = SIMULATED_ADDRESSES;
  if (kind === "sms") {
    return {
      externalId: sms + String(randomInt(2_000_000, 10_000_000)),
      wabaId: null,
      credentials: { account_sid: `AC${randomBytes(16).toString("hex")}`, auth_token: token },
    };
  }
  const externalId = meta + String(randomInt(100_000_000, 1_000_000_000));
  return {
    externalId,
    wabaId: kind === "whatsapp" ? `${externalId}1` : null,
    credentials: { access_token: token, app_secret: appSecret },
  };
}

/** Where the simulator reaches the server. */
export interface SimulatorCallbacks {
  /** As providers are told it: Twilio signs it. */
  publicBase: string;
  /** As it is really connected to. */
  localBase: string;
}

/** Makes a channel known to the simulator, with its webhooks leading to the channel's own ingress. */
export async function introduce(
  control: SimulatorControl,
  channel: SimulatedChannel,
  { publicBase, localBase }: SimulatorCallbacks,
): Promise<void> {
  const { kind, name, externalId, credentials } = channel;
  const path = `/in/channels/${publicId("ch", channel.id)}`;
  if (kind === "sms") {
    const { account_sid, auth_token } = credentials;
    await control.post("twilio/accounts", { account_sid, auth_token });
    await control.post("twilio/numbers", {
      ...{ phone_number: externalId, account_sid },
      ...{ sms_url: publicBase + path, status_callback: publicBase + path },
    });
    await control.post("twilio/settings", { connect_to: localBase });
    return;
  }
  const callback_url = localBase + path;
  if (kind === "whatsapp") {
    await control.post("numbers", {
      ...{ phone_number_id: externalId, waba_id: channel.wabaId ?? externalId, callback_url },
      ...{ verified_name: name, display_phone_number: `1555${externalId.slice(-7)}` },
    });
    const { whatsapp: from } = CUSTOMERS;
    await control.post("users", { phone: from, name: CUSTOMER_NAME });
    await control.post("window", { from, phone_number_id: externalId });
    return;
  }
  const account = kind === "instagram" ? { kind, login: "instagram" } : { kind: "page" };
  await control.post("social/accounts", { id: externalId, name, callback_url, ...account });
  const [first_name, last_name] = CUSTOMER_NAME.split(" ");
  await control.post("social/people", { id: CUSTOMERS[kind], first_name, last_name });
  await control.post("social/window", { from: CUSTOMERS[kind], to: externalId });
}
