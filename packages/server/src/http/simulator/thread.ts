import type { Json, SimulatorControl } from "./control.ts";
import type { SimulatedChannel } from "./simulated-channel.ts";

/** What stands in a phone. */
export interface PhoneEntry {
  /** The provider's. */
  id: string;
  /** ms since the epoch. */
  at: number;
  author: "customer" | "business";
  /** `text`, `image`, `reaction`, `template` …: what it is called at the provider. */
  type: string;
  text: string | null;
  /** The message that a reaction is about. */
  about: string | null;
  /** How far it has come, as the provider has told: of the business's. */
  statuses: string[];
  /** What our ingress answered to the webhook: of the customer's. */
  webhookStatus: number | null;
}

/** What the business has sent to this person, as it has arrived at the provider. */
export async function sentTo(
  control: SimulatorControl,
  channel: SimulatedChannel,
  customerId: string,
): Promise<PhoneEntry[]> {
  const { kind, externalId } = channel;
  if (kind === "whatsapp") {
    const { messages } = await control.get("accepted");
    return list(messages)
      .filter((each) => each["phone_number_id"] === externalId && isSame(each["wa_id"], customerId))
      .map((each) => {
        const body = object(each["body"]);
        const type = String(each["type"]);
        return entry(each, { type, at: each["accepted_at"], ...whatsappWords(type, body) });
      });
  }
  if (kind === "sms") {
    const { messages } = await control.get("twilio/accepted");
    return list(messages)
      .filter((each) => each["from"] === externalId && isSame(each["to"], customerId))
      .map((each) =>
        entry(
          { ...each, id: each["sid"] },
          { type: "text", at: each["date_created"], text: words(each["body"]), about: null },
        ),
      );
  }
  const { messages } = await control.get("social/accepted");
  return list(messages)
    .filter((each) => each["account_id"] === externalId && each["recipient_id"] === customerId)
    .map((each) => {
      const message = object(object(each["body"])["message"]);
      const attachment = object(message["attachment"] ?? list(message["attachments"])[0]);
      const type = each["text"] === null ? String(attachment["type"] ?? "message") : "text";
      const told = { ...each, statuses: each["told"] };
      return entry(told, { type, at: each["accepted_at"], text: words(each["text"]), about: null });
    });
}

function whatsappWords(type: string, body: Json): { text: string | null; about: string | null } {
  const content = object(body[type]);
  if (type === "reaction") {
    return { text: words(content["emoji"]), about: words(content["message_id"]) };
  }
  if (type === "template") return { text: words(content["name"]), about: null };
  const text = content["body"] ?? content["caption"];
  return { text: words(typeof text === "object" ? object(text)["text"] : text), about: null };
}

function entry(
  sent: Json,
  {
    type,
    at,
    text,
    about,
  }: { type: string; at: unknown; text: string | null; about: string | null },
): PhoneEntry {
  return {
    ...{ id: String(sent["id"]), at: Number(at), author: "business", type, text, about },
    statuses: Array.isArray(sent["statuses"]) ? sent["statuses"].map(String) : [],
    webhookStatus: null,
  };
}

function isSame(address: unknown, customerId: string): boolean {
  return String(address).replace(/\D/g, "") === customerId.replace(/\D/g, "");
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function words(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
