import type {
  ChannelAddress,
  IdentityName,
  InboundItem,
  InboundMessage,
  MessageTraits,
  Person,
  Referral,
} from "../../../core/messages/inbound.ts";
import { idOfItem, unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import {
  idOf,
  instantOf,
  type JsonObject,
  labelOf,
  linkOf,
  listOf,
  objectOf,
  sentenceOf,
  stringOf,
} from "../../meta/read.ts";
import { hasMoreThanText, readContent, typeOf } from "./content.ts";
import { readSender } from "./people.ts";

/** Notices of WhatsApp's own: not the customer's words. */
const NOTICES: ReadonlySet<string> = new Set(["system", "request_welcome"]);

/** Where a message stands, and what it may mean by that. */
export interface Place {
  channel: ChannelAddress;
  people: readonly JsonObject[];
  isHistory: boolean;
}

/** Reads one of `value.messages[]`. Gives at least one item. */
export function readMessage(place: Place, raw: unknown): InboundItem[] {
  const { channel, people } = place;
  const message = objectOf(raw);
  if (message === null) return [unreadable(channel, "malformed", raw)];
  const providerId = idOf(message["id"]);
  if (providerId === null) return [unreadable(channel, "no_provider_id", raw)];
  const sender = readSender(message, people);
  const type = typeOf(message);
  if (type === "system") return readSystem(place, message, providerId, sender);
  if (sender.identities.length === 0) return [unreadable(channel, "no_sender", raw)];
  const change = readChange(channel, message, "contact", sender);
  return [change ?? messageItem(place, message, providerId, sender)];
}

function messageItem(
  { channel, isHistory }: Place,
  message: JsonObject,
  providerId: string,
  sender: Person,
): InboundMessage {
  const { content, media } = readContent(message);
  const group = idOf(message["group_id"]);
  const isNotice = NOTICES.has(typeOf(message) ?? "");
  return {
    kind: "message",
    channel,
    providerId,
    sender,
    thread: group === null ? null : groupOf(group),
    content,
    media,
    sentAt: instantOf(message["timestamp"]),
    quotedProviderId: idOf(objectOf(message["context"])?.["id"]),
    opensWindow: !isNotice && !isHistory,
    referral: readReferral(objectOf(message["referral"])),
    traits: readTraits(message),
    isHistory,
    keepRaw: content.type !== "text" || hasMoreThanText(message),
    // Of most messages nobody asks for it.
    get raw() {
      return writeJson(message);
    },
  };
}

function groupOf(id: string): Person {
  return { identities: [{ kind: "wa_group", value: id }], name: null, username: null };
}

/** A reaction, an edit or a deletion: null for everything that says something of its own. */
export function readChange(
  channel: ChannelAddress,
  message: JsonObject,
  by: "contact" | "business",
  person: Person,
): InboundItem | null {
  const type = typeOf(message);
  if (type !== "reaction" && type !== "edit" && type !== "revoke") return null;
  const part = objectOf(message[type]);
  const target = idOf(part?.[type === "reaction" ? "message_id" : "original_message_id"]);
  // It says that something was changed and not what: shown as what it is.
  if (part === null || target === null) return null;
  const raw = writeJson(message);
  const base = {
    channel,
    providerId: idOf(message["id"]) ?? idOfItem(type, raw),
    at: instantOf(message["timestamp"]),
    targetProviderId: target,
    by,
    person,
    raw,
  };
  switch (type) {
    case "reaction": {
      const emoji = labelOf(part["emoji"]);
      const action = emoji === null ? "remove" : "add";
      return { ...base, kind: "reaction", action, emoji, name: null, opensWindow: true };
    }
    case "edit": {
      const after = objectOf(part["message"]);
      if (after === null) return null;
      return { ...base, kind: "edit", ...readContent(after), revision: null };
    }
    case "revoke":
      return { ...base, kind: "deletion" };
  }
}

/** A changed number or user id moves the identity, and is told as a notice in the conversation too. */
function readSystem(
  place: Place,
  message: JsonObject,
  providerId: string,
  sender: Person,
): InboundItem[] {
  const { channel } = place;
  const system = objectOf(message["system"]) ?? {};
  const [bsuid, waId] = [
    idOf(system["user_id"]),
    idOf(system["wa_id"]) ?? idOf(system["new_wa_id"]),
  ];
  const to: IdentityName[] = [
    ...(bsuid === null ? [] : [{ kind: "bsuid" as const, value: bsuid }]),
    ...(waId === null ? [] : [{ kind: "wa_id" as const, value: waId.replace(/^\+/, "") }]),
  ];
  const from = sender.identities.length > 0 ? sender.identities : oldIdentity(system, to);
  const people = from.length > 0 ? from : to;
  if (people.length === 0) return [unreadable(channel, "no_sender", message)];
  const notice = messageItem(place, message, providerId, { ...sender, identities: people });
  const isMove = labelOf(system["type"])?.startsWith("user_changed") === true;
  const moved = from.filter((old) => isMovedBy(old, to));
  if (!isMove || place.isHistory || moved.length === 0) return [notice];
  return [
    notice,
    {
      kind: "identity_change",
      channel,
      providerId,
      at: notice.sentAt,
      from: moved,
      to,
      raw: notice.raw,
    },
  ];
}

function isMovedBy(old: IdentityName, to: readonly IdentityName[]): boolean {
  return to.some(({ kind, value }) => kind === old.kind && value !== old.value);
}

/** Where nobody is named as the sender, the sentence that people read names both ids. */
function oldIdentity(system: JsonObject, to: readonly IdentityName[]): IdentityName[] {
  const said = / changed from (\S+) to (\S+)$/.exec(stringOf(system["body"]) ?? "");
  const [, old, now] = said ?? [];
  const same = to.find(({ value }) => value === now);
  return old && same && idOf(old) !== null ? [{ kind: same.kind, value: old }] : [];
}

function readReferral(referral: JsonObject | null): Referral | null {
  if (referral === null) return null;
  const mediaType = labelOf(referral["media_type"]);
  return {
    source: labelOf(referral["source_type"])?.toLowerCase() ?? null,
    type: null,
    ref: null,
    ad_id: idOf(referral["source_id"]),
    source_url: linkOf(referral["source_url"]),
    headline: sentenceOf(referral["headline"]),
    body: sentenceOf(referral["body"]),
    media: mediaType === null ? null : { type: mediaType },
    ctwa_clid: idOf(referral["ctwa_clid"]),
    product_id: null,
  };
}

function readTraits(message: JsonObject): MessageTraits {
  const context = objectOf(message["context"]);
  const product = objectOf(context?.["referred_product"]);
  const error = objectOf(listOf(message["errors"])[0]);
  return {
    ...(context?.["forwarded"] === true ? { forwarded: true } : {}),
    ...(context?.["frequently_forwarded"] === true ? { frequently_forwarded: true } : {}),
    ...(product === null
      ? {}
      : {
          referred_product: {
            catalog_id: idOf(product["catalog_id"]),
            product_id: idOf(product["product_retailer_id"]),
          },
        }),
    ...(error === null
      ? {}
      : {
          problem: {
            code: idOf(error["code"]),
            message: sentenceOf(error["message"]) ?? sentenceOf(error["title"]),
          },
        }),
  };
}
