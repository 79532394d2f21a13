import { createHmac } from "node:crypto";
import { eventOf, textOf } from "./events.ts";

/** What a load sends, request after request, and how it knows that one was accepted. */
export interface Requests {
  next(): Prepared | undefined;
  /** How the answer begins. */
  accepted: Buffer;
  /** What stands before the id in it; null where it tells none. */
  idAfter: Buffer | null;
}

export interface Prepared {
  bytes: Buffer;
  group: number;
}

/** Made beforehand, and sent in turns. */
const REQUESTS = 4_096;
const TEXTS = 256;
const WABA_ID = "209900000000001";
const FIRST_CUSTOMER = 15_550_100_000;

/** Events: half of them belong to conversations, if there are any. */
export function publishing(o: {
  url: string;
  key: string;
  groups: number;
  conversations: readonly string[];
  bytes: number;
}): Requests {
  const prepared = Array.from({ length: REQUESTS }, (_, i) => {
    const group = (i >> 1) % o.groups;
    const conversation =
      i % 2 === 0 ? null : (o.conversations[(i >> 1) % o.conversations.length] ?? null);
    const body = eventOf({ group, conversation, bytes: o.bytes });
    const own = [`authorization: Bearer ${o.key}`];
    return { bytes: post(new URL("/v1/events", o.url), own, body), group };
  });
  return {
    next: inTurns(prepared),
    accepted: Buffer.from("HTTP/1.1 202 "),
    idAfter: Buffer.from('"evt_'),
  };
}

/** Texts to customers, one conversation after another. */
export function sending(o: {
  url: string;
  key: string;
  conversations: readonly string[];
  bytes: number;
}): Requests {
  const prepared = o.conversations.map((conversation_id) => {
    const body = (text: string) => JSON.stringify({ conversation_id, text });
    const own = [`authorization: Bearer ${o.key}`];
    const text = textOf(o.bytes - body("").length);
    return { bytes: post(new URL("/v1/send", o.url), own, body(text)), group: 0 };
  });
  return { next: inTurns(prepared), accepted: Buffer.from("HTTP/1.1 20"), idAfter: null };
}

/** Messages of customers to a WhatsApp number, each another one and signed, as Meta tells of them. */
export function inbound(o: {
  url: string;
  appSecret: string;
  phoneNumberId: string;
  customers: number;
  bytes: number;
}): Requests {
  const url = new URL("/in/meta", o.url);
  const run = textOf(12);
  const length = o.bytes - inboundBody(o.phoneNumberId, o.customers, `${run}0000000`, "").length;
  const texts = Array.from({ length: TEXTS }, () => textOf(length));
  let n = 0;
  return {
    next() {
      const id = `${run}${String(++n).padStart(7, "0")}`;
      const text = texts[n % TEXTS] ?? "";
      const body = inboundBody(o.phoneNumberId, 1 + (n % o.customers), id, text);
      const signature = createHmac("sha256", o.appSecret).update(body).digest("hex");
      return { bytes: post(url, [`x-hub-signature-256: sha256=${signature}`], body), group: 0 };
    },
    accepted: Buffer.from("HTTP/1.1 200 "),
    idAfter: null,
  };
}

function inboundBody(phoneNumberId: string, customer: number, id: string, text: string): string {
  const waId = String(FIRST_CUSTOMER + customer);
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550100000", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: `Customer ${customer}` }, wa_id: waId }],
    messages: [
      {
        from: waId,
        id: `wamid.${id}`,
        timestamp: String(Math.floor(Date.now() / 1000)),
        text: { body: text },
        type: "text",
      },
    ],
  };
  const changes = [{ value, field: "messages" }];
  return JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: WABA_ID, changes }] });
}

function inTurns(prepared: readonly Prepared[]): () => Prepared | undefined {
  let turn = 0;
  return () => prepared[turn++ % prepared.length];
}

function post(url: URL, headers: readonly string[], body: string): Buffer {
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    ...headers,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ].join("\r\n");
  return Buffer.from(`${head}\r\n\r\n${body}`);
}
