import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { HttpClient } from "../http/client.ts";
import type { TwilioSettings } from "./settings.ts";
import { type FormValues, twilioSignature, withBodyHash } from "./signature.ts";

export const TWILIO_SIGNATURES = ["right", "wrong", "missing"] as const;
export type TwilioSignatureKind = (typeof TWILIO_SIGNATURES)[number];

export interface TwilioPost {
  id: number;
  /** The URL as it is configured, which is the one that is signed. */
  url: string;
  state: "delivered" | "lost";
  attempts: { at: number; status: number | null; error: string | null }[];
  /** What Twilio's debugger would show: 11200, 11205, 12100, 12300; null when it is content. */
  alert: number | null;
  answer: string | null;
}

const KEPT = 10_000;

/** A form is signed by its values, anything else by a hash of its bytes in the URL. */
export interface CallbackBody {
  bytes: Buffer;
  contentType: string;
  values: FormValues | null;
}

export interface Callback {
  url: string;
  authToken: string;
  body: CallbackBody;
  signature: TwilioSignatureKind;
}

export type TwilioWebhooks = ReturnType<typeof createTwilioWebhooks>;

/**
 * Calls receivers as Twilio does: once, and once more where no answer came at all, with
 * `I-Twilio-Idempotency-Token`. What was refused is lost but for the log.
 */
export function createTwilioWebhooks(given: {
  clock: Clock;
  client: HttpClient;
  settings: () => TwilioSettings;
}) {
  const { clock, client } = given;
  const posts = new Map<number, TwilioPost>();
  let lastId = 0;

  async function post(callback: Callback): Promise<TwilioPost> {
    lastId += 1;
    const { connect_to, signed_port } = given.settings();
    const { bytes, contentType: sentAs, values } = callback.body;
    const url = values === null ? withBodyHash(callback.url, bytes) : callback.url;
    const request = {
      method: "POST" as const,
      url: redirected(url, connect_to),
      headers: {
        host: new URL(url).host,
        "user-agent": "TwilioProxy/1.1",
        accept: "*/*",
        "content-type": sentAs,
        ...signatureHeader(callback, portOf(url, signed_port), values ?? {}),
      },
      body: bytes,
    };
    const sent: TwilioPost = {
      id: lastId,
      url,
      state: "lost",
      attempts: [],
      alert: null,
      answer: null,
    };
    posts.set(sent.id, sent);
    const [oldest] = posts.keys();
    if (posts.size > KEPT && oldest !== undefined) posts.delete(oldest);

    let exchange = await client.send(request);
    sent.attempts.push({ at: clock.now(), status: exchange.status, error: exchange.error });
    if (exchange.error !== null) {
      const headers = { ...request.headers, "i-twilio-idempotency-token": randomUUID() };
      exchange = await client.send({ ...request, headers });
      sent.attempts.push({ at: clock.now(), status: exchange.status, error: exchange.error });
    }
    const { status, text, contentType } = exchange;
    sent.answer = text;
    sent.state = status !== null && status >= 200 && status < 300 ? "delivered" : "lost";
    sent.alert = alertFor(status, text, contentType);
    return structuredClone(sent);
  }

  return {
    post,
    all: () => [...posts.values()].map((each) => structuredClone(each)),
    clear: () => posts.clear(),
  };
}

function signatureHeader({ signature, authToken }: Callback, url: string, values: FormValues) {
  if (signature === "missing") return {};
  const token = signature === "right" ? authToken : `not ${authToken}`;
  return { "x-twilio-signature": twilioSignature(token, url, values) };
}

const FORM = "application/x-www-form-urlencoded";

export function formBody(values: FormValues): CallbackBody {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const each of typeof value === "string" ? [value] : value) form.append(name, each);
  }
  return { bytes: Buffer.from(form.toString()), contentType: `${FORM}; charset=UTF-8`, values };
}

/** Any bytes; where they claim to be a form, they are signed as what a lenient reader finds in them. */
export function rawBody(text: string, contentType: string): CallbackBody {
  const bytes = Buffer.from(text);
  if (!contentType.startsWith(FORM)) return { bytes, contentType, values: null };
  const form = new URLSearchParams(text);
  const values = Object.fromEntries([...form.keys()].map((name) => [name, form.getAll(name)]));
  return { bytes, contentType, values };
}

/** Where the connection goes, although the URL names a public address. */
function redirected(url: string, connectTo: string): string {
  if (connectTo === "") return url;
  const { pathname, search } = new URL(url);
  return `${new URL(connectTo).origin}${pathname}${search}`;
}

function portOf(url: string, form: TwilioSettings["signed_port"]): string {
  if (form === "as_configured") return url;
  const parts = /^(https?):\/\/([^/?#]*?)(?::\d+)?([/?#].*)?$/i.exec(url);
  if (!parts) return url;
  const [, scheme = "", host = "", rest = ""] = parts;
  const port = form === "removed" ? "" : scheme.toLowerCase() === "https" ? ":443" : ":80";
  return `${scheme}://${host}${port}${rest}`;
}

function alertFor(status: number | null, text: string | null, type: string | null): number | null {
  if (status === null) return 11205;
  if (status < 200 || status >= 300) return 11200;
  if (text === null || text === "") return null;
  const mime = type?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (mime === "text/plain") return null;
  if (!["text/xml", "application/xml", "text/html"].includes(mime)) return 12300;
  return /^\s*(<\?xml[^>]*\?>)?\s*<Response\s*(\/>|>[\s\S]*<\/Response>)\s*$/.test(text)
    ? null
    : 12100;
}
