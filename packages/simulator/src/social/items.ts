import { ControlError, type Fields, fieldsOf } from "../control/input.ts";
import { isObject, type JsonObject } from "../json.ts";
import { newObjectId } from "../meta/ids.ts";
import type { SocialAccount } from "./accounts.ts";
import type { SocialItem } from "./envelope.ts";
import { newMid } from "./ids.ts";
import type { SocialSends } from "./sends.ts";
import type { SocialWorld } from "./world.ts";

interface FromSomebody {
  /** The person's id at the account (PSID, IGSID). */
  from: string;
  /** The account: the first one when none is named. */
  to?: string;
  /** Milliseconds since the epoch, or as it is to stand there. */
  timestamp?: string | number;
  /** What stands here wins over all that is made up. */
  item?: JsonObject;
}

/** What somebody writes to a Page or an Instagram account. */
export interface SocialMessageInput extends FromSomebody {
  text?: string;
  id?: string;
  attachments?: JsonObject[];
  quick_reply?: string;
  /** Answers the message with this id. */
  reply_to?: string;
  /** Answers a story. */
  story?: { id: string; url: string };
  /** Sent by an advertisement or a link. */
  referral?: JsonObject;
  /** Merged into `message`. */
  message?: JsonObject;
  /** Another application holds the conversation: it comes as `standby`. */
  standby?: boolean;
}

/** What somebody does with messages. One of the named members, or `item` with a shape of its own. */
export interface SocialEventInput extends FromSomebody {
  postback?: { title: string; payload: string; referral?: JsonObject };
  reaction?: { mid: string; emoji?: string; reaction?: string; action?: "react" | "unreact" };
  /** Messenger reads up to a time, Instagram a message: `true` is everything until now. */
  read?: { mid?: string; watermark?: number } | true;
  delivery?: { mids?: string[]; watermark?: number } | true;
  referral?: JsonObject;
  edit?: { mid: string; text: string; num_edit?: number };
  /** Takes back the message with this id. */
  unsend?: string;
}

/** What the business wrote in Meta's own inbox, or another application in its name. */
export interface SocialEchoInput {
  /** The person. */
  to: string;
  /** The account. */
  from?: string;
  text?: string;
  id?: string;
  app_id?: string;
  metadata?: string;
  attachments?: JsonObject[];
  timestamp?: string | number;
}

/** What somebody writes in public. */
export interface SocialCommentInput {
  from: string;
  to?: string;
  text?: string;
  id?: string;
  /** The post or medium under which it stands. */
  post_id?: string;
  parent_id?: string;
  name?: string;
  verb?: "add" | "edited" | "remove";
  /** Instagram: under a live video. */
  live?: boolean;
  /** Instagram: mentions the account elsewhere. */
  mention?: boolean;
  /** Merged into `value`. */
  item?: JsonObject;
}

export type SocialKind = "message" | "event" | "echo" | "comment";

export type SocialBatchItem =
  | ({ kind: "message" } & SocialMessageInput)
  | ({ kind: "event" } & SocialEventInput)
  | ({ kind: "echo" } & SocialEchoInput)
  | ({ kind: "comment" } & SocialCommentInput);

export interface MadeSocialItem {
  item: SocialItem;
  /** The provider's id of what was made, where it has one. */
  id: string | null;
}

/** Turns what a control request asks for into what Meta would send. */
export function createSocialItems(world: SocialWorld, sends: SocialSends, now: () => number) {
  const stamp = (fields: Fields) => {
    const given = fields.value("timestamp");
    return given === undefined ? now() : given;
  };
  const between = (from: string, to: string, timestamp: unknown) => ({
    sender: { id: from },
    recipient: { id: to },
    timestamp,
  });

  function message(fields: Fields): MadeSocialItem {
    const account = world.accounts.meant(fields.text("to"));
    const from = fields.requiredText("from");
    const id = fields.text("id") ?? newMid(account.kind);
    const timestamp = stamp(fields);
    const text = fields.text("text");
    const attachments = fields.list("attachments");
    const quickReply = fields.text("quick_reply");
    const replyTo = fields.text("reply_to");
    const story = fields.object("story");
    const referral = fields.object("referral");
    const more = fields.object("message") ?? {};
    const raw = fields.object("item") ?? {};
    const isStandby = fields.flag("standby") ?? false;
    fields.done();
    const made = {
      mid: id,
      ...(text === undefined ? {} : { text }),
      ...(attachments === undefined ? {} : { attachments }),
      ...(quickReply === undefined ? {} : { quick_reply: { payload: quickReply } }),
      ...(replyTo === undefined ? {} : { reply_to: { mid: replyTo } }),
      ...(story === undefined ? {} : { reply_to: { story } }),
      ...(referral === undefined ? {} : { referral }),
      ...more,
    };
    world.people.heard(account.id, from, now());
    const content = { ...between(from, account.id, timestamp), message: made, ...raw };
    return { item: { account, list: isStandby ? "standby" : "messaging", content }, id };
  }

  function event(fields: Fields): MadeSocialItem {
    const account = world.accounts.meant(fields.text("to"));
    const from = fields.requiredText("from");
    const timestamp = stamp(fields);
    const happened = eventOf(fields, account, now());
    const raw = fields.object("item") ?? {};
    fields.done();
    if (Object.keys(happened).length + Object.keys(raw).length === 0) {
      throw new ControlError(
        'social events: give one of "postback", "reaction", "read", "delivery", "referral", "edit", "unsend", or an "item".',
      );
    }
    const opens = ["postback", "reaction", "message", "referral"].some((name) => name in happened);
    if (opens) world.people.heard(account.id, from, now());
    const content = { ...between(from, account.id, timestamp), ...happened, ...raw };
    const id = mentionedId(happened);
    return { item: { account, list: "messaging", content }, id };
  }

  function echo(fields: Fields): MadeSocialItem {
    const account = world.accounts.meant(fields.text("from"));
    const to = fields.requiredText("to");
    const id = fields.text("id") ?? newMid(account.kind);
    const timestamp = stamp(fields);
    const text = fields.text("text");
    const attachments = fields.list("attachments");
    const appId = fields.text("app_id");
    const metadata = fields.text("metadata");
    fields.done();
    world.people.meet(account.id, to);
    const made = {
      mid: id,
      ...(text === undefined ? {} : { text }),
      ...(attachments === undefined ? {} : { attachments }),
      is_echo: true,
      ...(appId === undefined ? {} : { app_id: asNumber(appId) }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    const content = { ...between(account.id, to, timestamp), message: made };
    return { item: { account, list: "messaging", content }, id };
  }

  function comment(fields: Fields): MadeSocialItem {
    const account = world.accounts.meant(fields.text("to"));
    const from = fields.requiredText("from");
    const postId = fields.text("post_id") ?? newObjectId();
    const id =
      fields.text("id") ?? (account.kind === "page" ? `${postId}_${newObjectId()}` : newObjectId());
    const told = {
      account,
      from,
      id,
      postId,
      text: fields.text("text") ?? "",
      parentId: fields.text("parent_id"),
      name: fields.text("name") ?? world.people.person(from).first_name,
      verb: fields.choice("verb", ["add", "edited", "remove"]) ?? "add",
      isLive: fields.flag("live") ?? false,
      isMention: fields.flag("mention") ?? false,
      at: now(),
    };
    const more = fields.object("item") ?? {};
    fields.done();
    world.comments.set(id, { id, account_id: account.id, from, at: now(), replied: false });
    const made = account.kind === "page" ? pageComment(told) : instagramComment(told);
    const content = { field: made.field, value: { ...made.value, ...more } };
    return { item: { account, list: "changes", content }, id };
  }

  const makers = { message, event, echo, comment };
  return {
    make: (kind: SocialKind, fields: Fields): MadeSocialItem => makers[kind](fields),
    makeEach: (items: readonly unknown[]): MadeSocialItem[] =>
      items.map((input, index) => {
        const fields = fieldsOf(input, `items[${index}]`);
        const kind = fields.choice("kind", ["message", "event", "echo", "comment"]);
        if (kind) return makers[kind](fields);
        throw new ControlError(`items[${index}]: "kind" is message, event, echo or comment.`);
      }),
    /** What follows a message that was sent by the API. */
    echoOf: (id: string): MadeSocialItem | null => {
      const send = sends.find(id);
      if (!send) return null;
      const { account, message: sent } = send;
      const asked = isObject(sent.body["message"]) ? sent.body["message"] : {};
      const { attachment, attachments } = asked;
      const list = Array.isArray(attachments) ? attachments : attachment ? [attachment] : [];
      const made = {
        mid: sent.id,
        ...(sent.text === null ? {} : { text: sent.text }),
        ...(list.length === 0 ? {} : { attachments: list }),
        is_echo: true,
        // Instagram names neither the application nor what it gave along.
        ...(account.kind === "page" ? { app_id: asNumber(world.settings.app_id) } : {}),
        ...(account.kind === "page" && sent.metadata !== null ? { metadata: sent.metadata } : {}),
      };
      const content = { ...between(account.id, sent.recipient_id, now()), message: made };
      return { item: { account, list: "messaging", content }, id: sent.id };
    },
    /** `delivery` and `read` of a message that was sent by the API. */
    receiptOf: (id: string, kind: "delivery" | "read"): MadeSocialItem | null => {
      const send = sends.find(id);
      if (!send) return null;
      const { account, message: sent } = send;
      const at = now();
      const told =
        kind === "delivery"
          ? { mids: [sent.id], watermark: at }
          : account.kind === "page"
            ? { watermark: at }
            : { mid: sent.id };
      const content = { ...between(sent.recipient_id, account.id, at), [kind]: told };
      return { item: { account, list: "messaging", content }, id: sent.id };
    },
  };
}

function eventOf(fields: Fields, account: SocialAccount, now: number): JsonObject {
  const postback = fields.object("postback");
  const reaction = fields.object("reaction");
  const read = fields.value("read");
  const delivery = fields.value("delivery");
  const referral = fields.object("referral");
  const edit = fields.object("edit");
  const unsend = fields.text("unsend");
  const readUntil = account.kind === "page" ? { watermark: now } : {};
  return {
    ...(postback ? { postback: { mid: newMid(account.kind), ...postback } } : {}),
    ...(reaction ? { reaction: { action: "react", ...reaction } } : {}),
    ...(read === undefined ? {} : { read: isObject(read) ? read : readUntil }),
    ...(delivery === undefined
      ? {}
      : { delivery: isObject(delivery) ? delivery : { watermark: now } }),
    ...(referral ? { referral } : {}),
    ...(edit ? { message_edit: { num_edit: 1, ...edit } } : {}),
    ...(unsend === undefined ? {} : { message: { mid: unsend, is_deleted: true } }),
  };
}

function mentionedId(happened: JsonObject): string | null {
  const postback = happened["postback"];
  return isObject(postback) && typeof postback["mid"] === "string" ? postback["mid"] : null;
}

interface ToldComment {
  account: SocialAccount;
  from: string;
  id: string;
  postId: string;
  text: string;
  parentId: string | undefined;
  name: string;
  verb: string;
  isLive: boolean;
  isMention: boolean;
  at: number;
}

function pageComment(told: ToldComment) {
  const { account, from, id, postId, text, parentId, name, verb, at } = told;
  const post_id = postId.includes("_") ? postId : `${account.id}_${postId}`;
  return {
    field: "feed",
    value: {
      item: "comment",
      verb,
      comment_id: id,
      post_id,
      parent_id: parentId ?? post_id,
      from: { id: from, name },
      created_time: Math.floor(at / 1000),
      message: text,
    },
  };
}

function instagramComment(told: ToldComment) {
  const { from, id, postId, text, parentId, name, isLive, isMention } = told;
  if (isMention) return { field: "mentions", value: { comment_id: id, media_id: postId } };
  return {
    field: isLive ? "live_comments" : "comments",
    value: {
      id,
      from: { id: from, username: name },
      text,
      media: { id: postId, media_product_type: isLive ? "LIVE" : "FEED" },
      ...(parentId === undefined ? {} : { parent_id: parentId }),
    },
  };
}

/** Application ids come as numbers. */
function asNumber(id: string): string | number {
  return Number.isSafeInteger(Number(id)) ? Number(id) : id;
}
