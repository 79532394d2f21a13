import type { IdentityName, Person } from "../../../core/messages/inbound.ts";
import { idOf, type JsonObject, labelOf, objectOf } from "../../meta/read.ts";

/** A WhatsApp number's id is its digits; some writers put a plus before them. */
const DIGITS = /^\+?(\d{1,20})$/;

/**
 * Who wrote. Since users may hide their number behind a name, a message carries a number, a
 * business-scoped id, or both; one that carries neither is its only contact's.
 */
export function readSender(message: JsonObject, contacts: readonly JsonObject[]): Person {
  const ids = identitiesOf(message["from_user_id"], message["from"]);
  return personOf(ids, contactOf(ids, contacts));
}

/** Somebody by the ids that an item gives, and what the contacts beside it add. */
export function readPerson(
  bsuid: unknown,
  number: unknown,
  contacts: readonly JsonObject[],
): Person {
  const ids = identitiesOf(bsuid, number);
  return personOf(ids, ids.length === 0 ? null : contactOf(ids, contacts));
}

/** To whom a status belongs, as far as the provider says; nobody for a group. */
export function readRecipient(status: JsonObject, contacts: readonly JsonObject[]): Person {
  if (status["recipient_type"] === "group") return personOf([], null);
  const waId = idOf(status["recipient_id"]);
  const ids = identitiesOf(
    status["recipient_user_id"],
    waId !== null && DIGITS.test(waId) ? waId : null,
  );
  return personOf(ids, ids.length === 0 ? null : contactOf(ids, contacts));
}

function identitiesOf(bsuid: unknown, number: unknown): IdentityName[] {
  const found: IdentityName[] = [];
  for (const value of [idOf(bsuid), idOf(number)]) {
    if (value === null) continue;
    const identity = identityOf(value);
    if (!found.some((each) => each.kind === identity.kind)) found.push(identity);
  }
  return found;
}

/** Where a number belongs, business-scoped ids were seen; their form is opaque, but they are not digits. */
function identityOf(value: string): IdentityName {
  const digits = DIGITS.exec(value)?.[1];
  return digits === undefined ? { kind: "bsuid", value } : { kind: "wa_id", value: digits };
}

function contactOf(
  ids: readonly IdentityName[],
  contacts: readonly JsonObject[],
): JsonObject | null {
  const [only] = contacts;
  if (ids.length === 0) return contacts.length === 1 && only ? only : null;
  return contacts.find((contact) => contactIds(contact).some((each) => has(ids, each))) ?? null;
}

/** The contact adds the name, and the id that the item itself leaves out. */
function personOf(ids: readonly IdentityName[], contact: JsonObject | null): Person {
  if (contact === null) return { identities: ids, name: null, username: null };
  const more = contactIds(contact).filter((each) => !ids.some(({ kind }) => kind === each.kind));
  const profile = objectOf(contact["profile"]);
  return {
    identities: [...ids, ...more].sort((a, b) => (a.kind < b.kind ? -1 : 1)),
    name: labelOf(profile?.["name"]),
    username: labelOf(profile?.["username"]),
  };
}

function contactIds(contact: JsonObject): IdentityName[] {
  return identitiesOf(contact["user_id"], contact["wa_id"]);
}

function has(ids: readonly IdentityName[], one: IdentityName): boolean {
  return ids.some((each) => each.kind === one.kind && each.value === one.value);
}
