import { CurlewError } from "../../core/errors.ts";
import type { Json, SimulatorControl } from "./control.ts";
import type { SimulatedChannel } from "./simulated-channel.ts";
import { PICTURE, PICTURE_TYPE } from "./simulated-picture.ts";

/** One thing that a customer does. */
export type Act =
  | { do: "text"; text: string }
  | { do: "image"; caption?: string | undefined }
  | { do: "reaction"; messageId: string; emoji: string | null }
  | { do: "story_reply"; text: string }
  | { do: "ad_click"; text: string; headline?: string | undefined };

/** What goes wrong on purpose. */
export interface Faults {
  deliver_twice: boolean;
  out_of_order: boolean;
  lose_answers: boolean;
  wrong_signature: boolean;
}

export const NO_FAULTS: Faults = {
  deliver_twice: false,
  out_of_order: false,
  lose_answers: false,
  wrong_signature: false,
};

const FOREVER = 1_000_000;

/** Tells the simulator what goes wrong from now on with sends and statuses. */
export async function applyFaults(control: SimulatorControl, faults: Faults): Promise<void> {
  const { deliver_twice: duplicate, out_of_order: reverse } = faults;
  await control.post("settings", {
    statuses: { steps: "sent,delivered,read", duplicate, reverse },
  });
  await control.post("social/settings", {
    ...{ echoes: "after", deliveries: true, reads: true, duplicate },
  });
  await control.post("twilio/settings", { statuses: "sent,delivered", duplicate, reverse });
  await control.delete("faults");
  if (faults.lose_answers) {
    await control.post("faults", { kind: "drop", on: "send", count: FOREVER });
  }
}

/** What came of the request that the provider made of an act. */
export interface Posted {
  /** The provider's id of the message; null for what has none. */
  id: string | null;
  /** What our ingress answered; null where no answer came. */
  status: number | null;
}

/** Has a customer do something on a channel; the webhook that follows goes through the real ingress. */
export async function perform(
  control: SimulatorControl,
  channel: SimulatedChannel,
  customer: { id: string; name: string },
  act: Act,
  faults: Faults,
): Promise<Posted> {
  const options = {
    repeat: faults.deliver_twice ? 2 : 1,
    signature: faults.wrong_signature ? "wrong" : "right",
  };
  const { path, body } = await commandFor(control, channel, customer, act);
  return posted(await control.post(path, { ...body, ...options }));
}

function commandFor(
  control: SimulatorControl,
  channel: SimulatedChannel,
  customer: { id: string; name: string },
  act: Act,
): Promise<Command> | Command {
  switch (channel.kind) {
    case "whatsapp":
      return whatsapp(control, channel, customer, act);
    case "sms":
      return sms(channel, customer, act);
    case "instagram":
    case "messenger":
      return social(control, channel, customer, act);
  }
}

interface Command {
  path: string;
  body: object;
}

/** Has the provider keep the picture that is sent; answers its id there, and a link to it. */
async function keptPicture(control: SimulatorControl): Promise<{ id: unknown; link: unknown }> {
  const { id, link } = await control.post("media", { mime_type: PICTURE_TYPE, base64: PICTURE });
  return { id, link };
}

async function whatsapp(
  control: SimulatorControl,
  { externalId: phone_number_id }: SimulatedChannel,
  { id: from, name }: { id: string; name: string },
  act: Act,
): Promise<Command> {
  const common = { from, name, phone_number_id };
  const path = "messages";
  switch (act.do) {
    case "text":
      return { path, body: { ...common, text: act.text } };
    case "image": {
      const { id } = await keptPicture(control);
      const caption = act.caption === undefined ? {} : { caption: act.caption };
      const image = { id, mime_type: PICTURE_TYPE, sha256: "", ...caption };
      return { path, body: { ...common, item: { type: "image", image } } };
    }
    case "reaction": {
      // Without an emoji it takes a reaction back.
      const emoji = act.emoji === null ? {} : { emoji: act.emoji };
      const reaction = { message_id: act.messageId, ...emoji };
      return { path, body: { ...common, item: { type: "reaction", reaction } } };
    }
    case "ad_click": {
      const referral = {
        ...{ source_url: "https://fb.me/simulated", source_id: "120200000000000001" },
        ...{ source_type: "ad", headline: act.headline ?? "Simulated ad", body: act.text },
        ...{ media_type: "image", ctwa_clid: "simulated-click" },
      };
      const item = { type: "text", text: { body: act.text }, referral };
      return { path, body: { ...common, item } };
    }
    case "story_reply":
      throw cannot("whatsapp", "stories that a business is answered on");
  }
}

async function social(
  control: SimulatorControl,
  { kind, externalId: to }: SimulatedChannel,
  { id: from, name }: { id: string; name: string },
  act: Act,
): Promise<Command> {
  const [first_name = name, ...rest] = name.split(" ");
  await control.post("social/people", { id: from, first_name, last_name: rest.join(" ") || "-" });
  const common = { from, to };
  const path = "social/messages";
  switch (act.do) {
    case "text":
      return { path, body: { ...common, text: act.text } };
    case "image": {
      const { link: url } = await keptPicture(control);
      const attachments = [{ type: "image", payload: { url } }];
      const text = act.caption === undefined ? {} : { text: act.caption };
      return { path, body: { ...common, ...text, attachments } };
    }
    case "reaction": {
      const reaction = {
        mid: act.messageId,
        ...(act.emoji === null
          ? { action: "unreact" }
          : { action: "react", emoji: act.emoji, reaction: "other" }),
      };
      return { path: "social/events", body: { ...common, reaction } };
    }
    case "story_reply": {
      if (kind === "messenger") throw cannot(kind, "replies to stories");
      const { link: url } = await keptPicture(control);
      const story = { id: "17900000000000001", url };
      return { path, body: { ...common, text: act.text, story } };
    }
    case "ad_click": {
      const referral = {
        ...{ source: "ADS", type: "OPEN_THREAD", ad_id: "120200000000000001", ref: "simulated" },
        ads_context_data: { ad_title: act.headline ?? "Simulated ad" },
      };
      return { path, body: { ...common, text: act.text, referral } };
    }
  }
}

function sms(
  { externalId: to }: SimulatedChannel,
  { id: from }: { id: string },
  act: Act,
): Command {
  const path = "twilio/messages";
  switch (act.do) {
    case "text":
      return { path, body: { from, to, body: act.text } };
    case "image": {
      const media = [{ content_type: PICTURE_TYPE, base64: PICTURE }];
      return { path, body: { from, to, body: act.caption ?? "", media } };
    }
    case "reaction":
      throw cannot("sms", "reactions");
    case "story_reply":
      throw cannot("sms", "stories");
    case "ad_click":
      throw cannot("sms", "ads that lead to it");
  }
}

function cannot(kind: string, what: string): CurlewError {
  return new CurlewError("unsupported_action", `${kind} has no ${what}.`);
}

/** Meta's emission has ids and attempts, Twilio's a sid and one answer a post. */
function posted(emission: Json): Posted {
  const ids = Array.isArray(emission["ids"]) ? emission["ids"] : [emission["sid"]];
  const posts = Array.isArray(emission["posts"]) ? emission["posts"] : [];
  const last = posts.at(-1) as Json | undefined; // the simulator's own JSON
  const attempts = Array.isArray(last?.["attempts"]) ? last["attempts"] : [last];
  const status = (attempts.at(-1) as Json | undefined)?.["status"]; // likewise
  return {
    id: typeof ids[0] === "string" ? ids[0] : null,
    status: typeof status === "number" ? status : null,
  };
}
