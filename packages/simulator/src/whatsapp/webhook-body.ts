import type { JsonObject } from "../json.ts";
import type { Grouping } from "../meta/emissions.ts";
import type { BusinessNumber } from "./numbers.ts";

/** One update, before it is put into an envelope with others. */
export interface WebhookItem {
  wabaId: string;
  /** Null for what concerns the whole account. */
  number: BusinessNumber | null;
  field: string;
  /** The list of the value that holds the item; null when the item is the whole value. */
  list: "messages" | "statuses" | "message_echoes" | null;
  content: JsonObject;
  contacts: readonly JsonObject[];
}

interface Change {
  value: JsonObject;
  field: string;
}
interface Entry {
  id: string;
  time?: number;
  changes: Change[];
}

/** The body of one webhook: the items in their order, per account and number. */
export function webhookBody(
  items: readonly WebhookItem[],
  { grouping, now }: { grouping: Grouping; now: number },
): JsonObject {
  const entries: Entry[] = [];
  const openChange = new Map<Entry, { change: Change; item: WebhookItem; named: Set<string> }>();
  for (const item of items) {
    const found =
      grouping === "together" ? entries.find((entry) => entry.id === item.wabaId) : undefined;
    const entry: Entry = found ?? { id: item.wabaId, changes: [] };
    if (!found) entries.push(entry);
    if (item.field !== "messages") entry.time = Math.floor(now / 1000);
    const open = openChange.get(entry);
    if (open && sharesChange(open.item, item)) {
      extend(open.change, item, open.named);
    } else {
      const change = { value: changeValue(item), field: item.field };
      entry.changes.push(change);
      openChange.set(entry, { change, item, named: name(item.contacts, new Set()) });
    }
  }
  return { object: "whatsapp_business_account", entry: entries };
}

function sharesChange(a: WebhookItem, b: WebhookItem): boolean {
  return a.list !== null && a.list === b.list && a.field === b.field && a.number === b.number;
}

function changeValue(item: WebhookItem): JsonObject {
  if (item.list === null || item.number === null) return item.content;
  const { display_phone_number, phone_number_id } = item.number;
  return {
    messaging_product: "whatsapp",
    metadata: { display_phone_number, phone_number_id },
    ...(item.contacts.length > 0 ? { contacts: [...item.contacts] } : {}),
    [item.list]: [item.content],
  };
}

function extend({ value }: Change, item: WebhookItem, named: Set<string>): void {
  const list = item.list === null ? null : value[item.list];
  if (Array.isArray(list)) list.push(item.content);
  const strangers = item.contacts.filter((contact) => !named.has(JSON.stringify(contact)));
  if (strangers.length === 0) return;
  const contacts = value["contacts"];
  if (Array.isArray(contacts)) contacts.push(...strangers);
  else value["contacts"] = strangers;
  name(strangers, named);
}

function name(contacts: readonly JsonObject[], named: Set<string>): Set<string> {
  for (const contact of contacts) named.add(JSON.stringify(contact));
  return named;
}
