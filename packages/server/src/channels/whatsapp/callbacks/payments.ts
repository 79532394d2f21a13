import type { ChannelAddress, InboundItem } from "../../../core/messages/inbound.ts";
import { idOfItem, unreadable } from "../../meta/items.ts";
import { writeJson } from "../../meta/json.ts";
import { idOf, instantOf, type JsonObject, labelOf, numberOf, objectOf } from "../../meta/read.ts";
import { lineOf } from "./happenings.ts";
import { readPerson, readRecipient } from "./people.ts";

/** Reads a status of a payment: a customer has paid for an order, tries to, or could not. */
export function readPayment(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const status = objectOf(raw) ?? {};
  const word = labelOf(status["status"])?.toLowerCase() ?? null;
  if (word === null) return unreadable(channel, "unknown_status", raw);
  const payment = objectOf(status["payment"]) ?? {};
  const recipient = readRecipient(status, people);
  const payer = readPerson(null, status["from"], people);
  return lineOf(channel, status, {
    // One message is paid in several steps.
    providerId: idOfItem("payment", writeJson(status)),
    code: `payment_${word}`,
    text: [labelOf(payment["reference_id"]), amountOf(payment)].filter(Boolean).join(" "),
    at: instantOf(status["timestamp"]),
    by: "contact",
    person: recipient.identities.length > 0 ? recipient : payer,
    opensWindow: false,
    answers: idOf(status["id"]),
    traits: {},
  });
}

/** `21000` with an offset of 100 is 210.00. */
function amountOf(payment: JsonObject): string | null {
  const amount = objectOf(payment["amount"]);
  const [value, offset] = [numberOf(amount?.["value"]), numberOf(amount?.["offset"])];
  if (value === null || offset === null || offset < 1 || offset > 1e6) return null;
  const decimals = Math.round(Math.log10(offset));
  return [(value / offset).toFixed(decimals), labelOf(payment["currency"])]
    .filter(Boolean)
    .join(" ");
}
