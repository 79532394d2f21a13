import { ControlError, type Fields, fieldsOf } from "../control/input.ts";
import { isObject, type JsonObject } from "../json.ts";
import { errorItem } from "../meta/graph-error.ts";
import { digitsOf, newMessageId } from "../meta/ids.ts";
import type { User } from "./people.ts";
import type { Sends } from "./sends.ts";
import { STATUS_NAMES, type StatusName } from "./settings.ts";
import { statusItem } from "./status-item.ts";
import type { WebhookItem } from "./webhook-body.ts";
import type { World } from "./world.ts";

/** What a user writes to a business number. */
export interface MessageItemInput {
  /** The user's phone number; with `user_id` both are named. */
  from?: string;
  /** The user's BSUID; alone, the webhook holds no phone number. */
  user_id?: string;
  name?: string;
  text?: string;
  /** The message as Meta would send it: what stands here wins over all that is made up. */
  item?: JsonObject;
  /** `contacts[]` as it is to appear; an empty list leaves it out. */
  contacts?: JsonObject[];
  id?: string;
  /** Seconds since the epoch. */
  timestamp?: string | number;
  /** Answers the message with this id. */
  reply_to?: string;
  phone_number_id?: string;
}

export interface StatusItemInput {
  /** The message id that the send answered with, or "last". */
  id: string;
  status: StatusName;
  /** The error of a failed status. */
  code?: number;
  details?: string;
  timestamp?: string | number;
  /** For a message that was not sent through this simulator. */
  recipient_id?: string;
  item?: JsonObject;
  phone_number_id?: string;
}

/** A message that the business wrote in its phone app (coexistence). */
export interface EchoItemInput {
  to: string;
  text?: string;
  item?: JsonObject;
  id?: string;
  timestamp?: string | number;
  phone_number_id?: string;
}

/** Any other field of the account, or a value of your own making. */
export interface ChangeItemInput {
  field: string;
  value: JsonObject;
  waba_id?: string;
}

export type BatchItem =
  | ({ kind: "message" } & MessageItemInput)
  | ({ kind: "status" } & StatusItemInput)
  | ({ kind: "echo" } & EchoItemInput)
  | ({ kind: "change" } & ChangeItemInput);

export interface MadeItem {
  item: WebhookItem;
  /** The provider id, where the item has one. */
  id: string | null;
  sent?: { send: string; status: StatusName };
}

export type ItemKind = BatchItem["kind"];

/** Turns what a control request asks for into what Meta would send. */
export function createItemMaker(world: World, sends: Sends, now: () => number) {
  const stamp = (fields: Fields) =>
    fields.textOrNumber("timestamp") ?? String(Math.floor(now() / 1000));

  function message(fields: Fields): MadeItem {
    const number = world.numbers.meant(fields.text("phone_number_id"));
    const from = fields.text("from");
    const raw = fields.object("item") ?? {};
    const userId = fields.text("user_id");
    const user = world.people.find(from, userId);
    const name = fields.text("name") ?? user.name ?? "Test User";
    user.name = name;
    const namesPhone = user.wa_id !== null && !user.hides_phone;
    const timestamp = stamp(fields);
    const text = fields.text("text");
    const replyTo = fields.text("reply_to");
    if (text === undefined && raw["type"] === undefined) {
      throw new ControlError('messages: give "text", or an "item" with a "type".');
    }
    const content: JsonObject = {
      ...(replyTo ? { context: { from: number.display_phone_number, id: replyTo } } : {}),
      ...(namesPhone ? { from: user.wa_id } : {}),
      ...(user.user_id ? { from_user_id: user.user_id } : {}),
      ...(user.parent_user_id ? { from_parent_user_id: user.parent_user_id } : {}),
      id: fields.text("id") ?? newMessageId(digitsOf(user.wa_id ?? user.user_id ?? ""), "inbound"),
      timestamp,
      ...(text === undefined ? {} : { text: { body: text }, type: "text" }),
      ...raw,
    };
    const contacts = fields.list("contacts") ?? [contactOf(user, name, namesPhone)];
    fields.done();
    const seconds = Number(content["timestamp"]);
    const at = Number.isFinite(seconds) ? seconds * 1000 : now();
    world.windows.heard(number.phone_number_id, user, at);
    const id = String(content["id"]);
    world.remember(id, "inbound", at);
    const item: WebhookItem = {
      wabaId: number.waba_id,
      number,
      field: "messages",
      list: "messages",
      content,
      contacts: contacts.filter(isObject),
    };
    return { item, id };
  }

  function status(fields: Fields): MadeItem {
    const send = sends.find(fields.requiredText("id"));
    const id = send?.message.id ?? fields.requiredText("id");
    const number = world.numbers.meant(
      fields.text("phone_number_id") ?? send?.message.phone_number_id,
    );
    const name = fields.choice("status", STATUS_NAMES);
    if (!name) throw new ControlError(`statuses: "status" is one of ${STATUS_NAMES.join(", ")}.`);
    if (id === "last")
      throw new ControlError('statuses: no message was sent yet, so none is "last".');
    const code = fields.integer("code", { min: 0, max: 9_999_999 });
    const details = fields.text("details");
    const timestamp = stamp(fields);
    const recipient = fields.text("recipient_id");
    const raw = fields.object("item") ?? {};
    fields.done();
    const { conversation_objects: conversationObjects } = world.settings;
    const made: JsonObject = send
      ? statusItem(send, { status: name, at: now(), conversationObjects })
      : { id, status: name };
    const content: JsonObject = {
      ...made,
      timestamp,
      ...(recipient === undefined ? {} : { recipient_id: recipient }),
      ...(name === "failed" ? { errors: [errorItem(code ?? 131000, details)] } : {}),
      ...raw,
    };
    return {
      item: {
        wabaId: number.waba_id,
        number,
        field: "messages",
        list: "statuses",
        content,
        contacts: statusContacts(send?.user ?? null),
      },
      id,
      ...(send ? { sent: { send: id, status: name } } : {}),
    };
  }

  function echo(fields: Fields): MadeItem {
    const number = world.numbers.meant(fields.text("phone_number_id"));
    const user = world.people.find(fields.requiredText("to"), undefined);
    const to = user.wa_id ?? "";
    const id = fields.text("id") ?? newMessageId(to, "outbound");
    const content: JsonObject = {
      from: number.display_phone_number,
      to,
      ...(user.user_id ? { to_user_id: user.user_id } : {}),
      id,
      timestamp: stamp(fields),
      type: "text",
      text: { body: fields.text("text") ?? "" },
      ...fields.object("item"),
    };
    fields.done();
    const field = "smb_message_echoes";
    return {
      item: {
        wabaId: number.waba_id,
        number,
        field,
        list: "message_echoes",
        content,
        contacts: [],
      },
      id: String(content["id"]),
    };
  }

  function change(fields: Fields): MadeItem {
    const wabaId = fields.text("waba_id") ?? world.numbers.meant(undefined).waba_id;
    const field = fields.requiredText("field");
    const content = fields.object("value");
    if (!content) throw new ControlError('changes: give a "value".');
    fields.done();
    return { item: { wabaId, number: null, field, list: null, content, contacts: [] }, id: null };
  }

  const makers = { message, status, echo, change };
  return {
    /** Reads the rest of `fields` as an item of this kind. Throws ControlError in words. */
    make: (kind: ItemKind, fields: Fields): MadeItem => makers[kind](fields),
    makeEach: (items: readonly unknown[]): MadeItem[] =>
      items.map((input, index) => {
        const fields = fieldsOf(input, `items[${index}]`);
        const kind = fields.choice("kind", ["message", "status", "echo", "change"]);
        if (kind) return makers[kind](fields);
        throw new ControlError(`items[${index}]: "kind" is message, status, echo or change.`);
      }),
  };
}

function contactOf(user: User, name: string, namesPhone: boolean): JsonObject {
  return {
    profile: { name, ...(user.username ? { username: user.username } : {}) },
    ...(namesPhone ? { wa_id: user.wa_id } : {}),
    ...(user.user_id ? { user_id: user.user_id } : {}),
    ...(user.parent_user_id ? { parent_user_id: user.parent_user_id } : {}),
  };
}

/** Statuses name the contact where the user has a BSUID. */
export function statusContacts(user: User | null): JsonObject[] {
  if (!user?.user_id) return [];
  return [contactOf(user, user.name ?? "Test User", user.wa_id !== null && !user.hides_phone)];
}
