import type { Context } from "hono";
import { type Form, parseForm, parseJsonForm, textAt } from "../../channels/twilio/form.ts";
import { parseMessage, parseStatus, tellsOfOurs } from "../../channels/twilio/parse.ts";
import { isSignedByTwilio } from "../../channels/twilio/signature.ts";
import { CurlewError } from "../../core/errors.ts";
import { parseId } from "../../core/ids.ts";
import type { InboundItem, InboundRequest } from "../../core/messages/inbound.ts";
import type { AppEnv } from "../api.ts";
import { acceptOrKeep, type TakingDeps } from "./taking.ts";
import type { TwilioAddress, TwilioChannel, TwilioChannels } from "./twilio-channels.ts";

export interface TwilioIngressDeps extends TakingDeps {
  channels: TwilioChannels;
  /** Where Twilio reaches us, without a slash at the end; null where nobody has said it. */
  publicUrl: string | null;
}

/** An answer without instructions: whoever replies does so over the Send API. */
export const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

const NOTHING: Form = new Map();
const JSON_TYPE = /^application\/json\b/i;
/** Longer than any number that may stand there. */
const MAX_ADDRESS = 64;

/**
 * Takes what Twilio posts: a message, or how far one of ours has come. Returns when everything in it is
 * committed. `only` is the channel whose own address it came to; its id is null where there is none.
 */
export async function takeFromTwilio(
  deps: TwilioIngressDeps,
  only: { channelId: string | null } | null,
  c: Context<AppEnv>,
): Promise<void> {
  const raw = new Uint8Array(await c.req.arrayBuffer());
  // Called by GET, it is all in the address, which is what is signed.
  const isGet = c.req.method === "GET";
  const text = isGet ? queryOf(c.req.url) : new TextDecoder().decode(raw);
  const isJson = !isGet && JSON_TYPE.test(c.req.header("content-type") ?? "");
  const form = isJson ? parseJsonForm(text) : parseForm(text);
  const token = c.req.query("message") ?? null;
  const channel = form && (await channelFor(deps.channels, form, token, only));
  if (!form || !channel) {
    deps.metrics.inbound("sms", "unknown_channel", 1);
    deps.logger.warn(
      { request_id: c.var.requestId },
      "Twilio called for a number that is not here",
    );
    throw new CurlewError("channel_unknown", "No channel has the number that this is for.");
  }
  const header = c.req.header("x-twilio-signature");
  const urls = urlsOf(deps.publicUrl, c);
  const signed = isGet ? NOTHING : form;
  const request = { urls, form: isJson ? null : signed, raw, header };
  if (!isSignedByTwilio(request, channel.authTokens)) {
    deps.metrics.inbound("sms", "failed", 1);
    deps.logger.warn({ request_id: c.var.requestId, urls }, "a callback was not signed by Twilio");
    throw new CurlewError(
      "signature_refused",
      "X-Twilio-Signature does not match the address and the parameters.",
    );
  }
  const inbound: InboundRequest = {
    provider: "twilio",
    items: read(form, channel, token),
    onlyChannelId: channel.id,
  };
  await acceptOrKeep(deps, inbound, c.var.requestId, () => kept(form, channel));
}

function queryOf(url: string): string {
  const at = url.indexOf("?");
  return at === -1 ? "" : url.slice(at + 1);
}

async function channelFor(
  channels: TwilioChannels,
  form: Form,
  token: string | null,
  only: { channelId: string | null } | null,
): Promise<TwilioChannel | null> {
  if (only !== null) return only.channelId === null ? null : channels.findById(only.channelId);
  return channels.find(addressIn(form, token));
}

function addressIn(form: Form, token: string | null): TwilioAddress {
  const isStatus = tellsOfOurs(form);
  const place = (name: string) => {
    const value = textAt(form, name);
    return value !== null && value.length <= MAX_ADDRESS && !value.includes("\0") ? value : null;
  };
  return {
    // `whatsapp:` or `rcs:` stands before the number that a text came to by another way.
    number: place(isStatus ? "From" : "To")?.replace(/^[a-z]+:(?=\+)/i, "") ?? null,
    serviceSid: place("MessagingServiceSid"),
    messageId: isStatus && token !== null ? parseId("msg", token) : null,
  };
}

function read(form: Form, { address }: TwilioChannel, token: string | null): InboundItem[] {
  return tellsOfOurs(form) ? parseStatus(form, address, token) : parseMessage(form, address);
}

function kept(form: Form, { address: channel }: TwilioChannel): InboundItem {
  const raw = JSON.stringify([...form]);
  return { kind: "unreadable", channel, reason: "internal_error", raw };
}

/**
 * The address as Twilio may have called it. Behind a proxy only the operator knows it
 * (`CURLEW_PUBLIC_URL`); where nobody has said it, it is what the request names itself.
 */
function urlsOf(publicUrl: string | null, c: Context<AppEnv>): string[] {
  const path = c.req.url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  if (publicUrl !== null) return [publicUrl + path];
  const host = c.req.header("host") ?? "";
  return [`https://${host}${path}`, `http://${host}${path}`];
}
