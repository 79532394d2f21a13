import { ControlError, type Fields } from "../control/input.ts";
import { isObject } from "../json.ts";
import type { TwilioNumber } from "./accounts.ts";
import { newSid } from "./ids.ts";
import { keywordOf } from "./keywords.ts";
import type { TwilioMedium, TwilioMessage } from "./messages.ts";
import type { FormValues } from "./signature.ts";
import { formBody, TWILIO_SIGNATURES, type TwilioPost, type TwilioWebhooks } from "./webhooks.ts";
import type { TwilioWorld } from "./world.ts";

/** What somebody writes to one of the numbers. */
export interface SmsInput {
  from: string;
  to?: string;
  body?: string;
  media?: readonly { content_type: string; text?: string; base64?: string; url?: string }[];
  /** The message's id, to make it come twice. */
  sid?: string;
  /** Parameters as they are to appear; what stands here wins over all that is made up. */
  params?: Record<string, string>;
  /** Twilio's log has it, its webhook is never sent. */
  lose_webhook?: boolean;
  repeat?: number;
  parallel?: boolean;
  signature?: (typeof TWILIO_SIGNATURES)[number];
}

export interface SmsEmission {
  sid: string;
  posts: TwilioPost[];
}

/** Plays people who write to the numbers. */
export function createSmsInbound(given: {
  world: TwilioWorld;
  webhooks: TwilioWebhooks;
  origin: () => string;
  now: () => number;
}) {
  const { world, webhooks, now } = given;

  function optOut(message: TwilioMessage, number: TwilioNumber): string | null {
    const keyword = keywordOf(message.body);
    if (keyword === null || !world.settings.handles_opt_out) return null;
    const pool = world.poolOf(number.messaging_service_sid, number.phone_number);
    if (keyword === "STOP") world.people.stop(message.from ?? "", pool);
    if (keyword === "START") world.people.start(message.from ?? "", pool);
    autoReply(message, keyword);
    const service = world.accounts.service(number.messaging_service_sid ?? "");
    return service?.advanced_opt_out ? keyword : null;
  }

  /** Twilio answers its keywords itself; the answer stands in the log like any other message. */
  function autoReply(message: TwilioMessage, keyword: string): void {
    const body =
      keyword === "STOP"
        ? "You have successfully been unsubscribed. Reply START to resubscribe."
        : keyword === "START"
          ? "You have successfully been re-subscribed. Reply STOP to unsubscribe."
          : "Reply STOP to unsubscribe.";
    world.log.add({
      account_sid: message.account_sid,
      from: message.to,
      to: message.from ?? "",
      body,
      direction: "outbound-reply",
      status: "delivered",
      media: [],
      messaging_service_sid: message.messaging_service_sid,
      date_sent: now(),
      status_callback: null,
    });
  }

  return async function emit(fields: Fields): Promise<SmsEmission> {
    const number = world.accounts.meant(fields.text("to"));
    const from = fields.requiredText("from");
    const body = fields.text("body") ?? "";
    const media = (fields.list("media") ?? []).map(readMedium);
    const params = fields.object("params") ?? {};
    const sid = fields.text("sid");
    const isLost = fields.flag("lose_webhook") ?? false;
    const repeat = fields.integer("repeat", { min: 1, max: 1_000 }) ?? 1;
    const isParallel = fields.flag("parallel") ?? false;
    const signature = fields.choice("signature", TWILIO_SIGNATURES) ?? "right";
    fields.done();

    const known = sid === undefined ? undefined : world.log.find(sid);
    const message =
      known ??
      world.log.add(
        {
          account_sid: number.account_sid,
          from,
          to: number.phone_number,
          body,
          direction: "inbound",
          status: "received",
          media,
          messaging_service_sid: number.messaging_service_sid,
          date_sent: now(),
          status_callback: null,
        },
        sid,
      );
    const optOutType = known ? null : optOut(message, number);
    const service = world.accounts.service(number.messaging_service_sid ?? "");
    const url = service?.inbound_request_url ?? number.sms_url;
    if (isLost || url === null) return { sid: message.sid, posts: [] };
    const made = inboundForm(message, { origin: given.origin(), optOutType });
    const form = { ...made, ...Object.fromEntries(Object.entries(params).map(asText)) };
    const post = () =>
      webhooks.post({
        url,
        authToken: world.accounts.authTokenOf(number.account_sid),
        body: formBody(form),
        signature,
      });
    const posts: TwilioPost[] = [];
    if (isParallel) posts.push(...(await Promise.all(Array.from({ length: repeat }, post))));
    else for (let i = 0; i < repeat; i += 1) posts.push(await post());
    return { sid: message.sid, posts };
  };
}

function inboundForm(
  message: TwilioMessage,
  { origin, optOutType }: { origin: string; optOutType: string | null },
): FormValues {
  const base = `${origin}/2010-04-01/Accounts/${message.account_sid}/Messages/${message.sid}/Media`;
  const media = message.media.flatMap(({ sid, content_type, url }, index) => [
    [`MediaContentType${index}`, content_type] as const,
    [`MediaUrl${index}`, url ?? `${base}/${sid}`] as const,
  ]);
  return {
    ToCountry: "US",
    ToState: "CA",
    SmsMessageSid: message.sid,
    NumMedia: String(message.media.length),
    ToCity: "",
    FromZip: "02108",
    SmsSid: message.sid,
    FromState: "MA",
    SmsStatus: "received",
    FromCity: "BOSTON",
    Body: message.body,
    FromCountry: "US",
    To: message.to,
    ToZip: "",
    NumSegments: String(message.num_segments),
    MessageSid: message.sid,
    AccountSid: message.account_sid,
    From: message.from ?? "",
    ApiVersion: "2010-04-01",
    ...(message.messaging_service_sid === null
      ? {}
      : { MessagingServiceSid: message.messaging_service_sid }),
    ...(optOutType === null ? {} : { OptOutType: optOutType }),
    ...Object.fromEntries(media),
  };
}

function readMedium(input: unknown, index: number): TwilioMedium {
  if (!isObject(input) || typeof input["content_type"] !== "string") {
    throw new ControlError(`media[${index}]: give a "content_type" and "text", "base64" or "url".`);
  }
  const { content_type, text, base64, url } = input;
  const bytes =
    typeof text === "string"
      ? Buffer.from(text)
      : typeof base64 === "string"
        ? Buffer.from(base64, "base64")
        : null;
  if (bytes === null && typeof url !== "string") {
    throw new ControlError(`media[${index}]: give its bytes as "text" or "base64", or its "url".`);
  }
  return { sid: newSid("ME"), content_type, bytes, url: typeof url === "string" ? url : null };
}

function asText([name, value]: [string, unknown]): [string, string] {
  return [name, String(value)];
}
