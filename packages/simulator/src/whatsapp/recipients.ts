import type { JsonObject } from "../json.ts";
import { GraphError, missing } from "../meta/graph-error.ts";
import { digitsOf } from "../meta/ids.ts";
import type { BusinessNumber } from "./numbers.ts";
import type { People, User } from "./people.ts";

/** Whom a send is for, and how the answer names them. */
export interface Recipient {
  /** Null for a message that is accepted and reaches nobody. */
  user: User | null;
  /** The address as the request wrote it. */
  input: string;
  contact: { input: string; wa_id: string } | { input: string; user_id: string };
  by: "phone" | "user_id";
}

const BSUID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/**
 * Reads `to` (a phone number) and `recipient` (a BSUID); `to` wins when both are there.
 * A BSUID in `to` is accepted and goes nowhere, as it does at Meta: the country prefix is dropped
 * and the rest is taken for a phone number (chatwoot pull request 15150, July 2026).
 */
export function readRecipient(body: JsonObject, number: BusinessNumber, people: People): Recipient {
  const { to, recipient } = body;
  if (typeof to === "string" && to !== "") return byPhone(to, number, people);
  if (to !== undefined || recipient === undefined) throw missing("to");
  if (typeof recipient !== "string" || recipient === "") {
    throw new GraphError(131009, { details: "recipient is not a valid user id" });
  }
  const user = people.byUserId(recipient);
  return {
    user,
    input: recipient,
    contact: { input: recipient, user_id: recipient },
    by: "user_id",
  };
}

function byPhone(to: string, number: BusinessNumber, people: People): Recipient {
  if (BSUID.test(to)) {
    return { user: null, input: to, contact: { input: to, wa_id: digitsOf(to) }, by: "phone" };
  }
  const digits = digitsOf(to);
  const isNumber = /^\+?[\d\s().-]+$/.test(to) && !digits.startsWith("0");
  const full = withCountry(to, digits, number.country_code);
  if (!isNumber || full.length < 7 || full.length > 15) {
    throw new GraphError(100, { details: "Parameter Invalid: to is not a valid phone number" });
  }
  const user = people.byPhone(full);
  return { user, input: to, contact: { input: to, wa_id: user.wa_id ?? full }, by: "phone" };
}

/**
 * Without a plus sign Meta puts the business's own country code before what it takes for a local
 * number. Which numbers it takes for local is not documented: here those of up to ten digits.
 */
function withCountry(to: string, digits: string, countryCode: string): string {
  const isLocal = !to.trim().startsWith("+") && digits.length <= 10;
  return isLocal ? `${countryCode}${digits}` : digits;
}
