import type { ChannelAddress, InboundItem, MessageTraits } from "../../../core/messages/inbound.ts";
import { unreadable } from "../../meta/items.ts";
import { idOf, instantOf, integerOf, type JsonObject, labelOf, objectOf } from "../../meta/read.ts";
import { type Happening, lineOf } from "./happenings.ts";
import { readPerson, readRecipient } from "./people.ts";
import { readError } from "./statuses.ts";

/** Where a call is told of. */
interface CallPlace {
  channel: ChannelAddress;
  people: readonly JsonObject[];
  /** As people read it, with or without signs between the digits. */
  ownNumber: string | null;
  /** What the provider says went wrong, as it came. */
  error: unknown;
}

/** Of a call's events and ends; what is not here keeps the provider's word. */
const CODES: ReadonlyMap<string, string> = new Map([
  ["connect", "call_started"],
  ["terminate", "call_ended"],
  ["terminate completed", "call_completed"],
  ["terminate failed", "call_failed"],
]);

/** Reads one of `value.calls[]`: somebody calls the number, or is called by it, or hangs up. */
export function readCall(
  { channel, people, ownNumber, error }: CallPlace,
  raw: unknown,
): InboundItem {
  const call = objectOf(raw);
  if (call === null) return unreadable(channel, "malformed", raw);
  const callId = idOf(call["id"]) ?? idOf(call["wacid"]);
  const event =
    labelOf(call["event"])
      ?.toLowerCase()
      .replace(/^call_/, "") ?? null;
  if (callId === null) return unreadable(channel, "no_provider_id", raw);
  if (event === null) return unreadable(channel, "malformed", raw);
  const end = labelOf(call["status"])?.toLowerCase() ?? "";
  const duration = integerOf(call["duration"]);
  const isOurs = isFromBusiness(call, ownNumber);
  return lineOf(channel, call, {
    providerId: `${callId}:${event}`,
    code: CODES.get(`${event} ${end}`) ?? CODES.get(event) ?? `call_${event}`,
    text: duration === null ? "" : `${duration} s`,
    at: instantOf(call["timestamp"]),
    by: isOurs ? "business" : "contact",
    person: isOurs
      ? readPerson(call["to_user_id"], numberOfOther(call["to"], call["from"], ownNumber), people)
      : readPerson(
          call["from_user_id"],
          numberOfOther(call["from"], call["to"], ownNumber),
          people,
        ),
    opensWindow: !isOurs,
    answers: null,
    traits: traitsOf(error),
  });
}

function isFromBusiness(call: JsonObject, ownNumber: string | null): boolean {
  const direction = labelOf(call["direction"])?.toUpperCase();
  if (direction !== undefined) return direction === "BUSINESS_INITIATED";
  // One of Meta's examples names no direction and stands the wrong way round: an offer is the customer's.
  const isOffer = objectOf(call["session"])?.["sdp_type"] === "offer";
  return !isOffer && isSame(call["from"], ownNumber);
}

/** The number that should be the customer's, unless it is the business's own. */
function numberOfOther(number: unknown, other: unknown, ownNumber: string | null): unknown {
  return isSame(number, ownNumber) ? other : number;
}

function isSame(number: unknown, ownNumber: string | null): boolean {
  const digits = (text: string | null) => text?.replace(/\D/g, "");
  return ownNumber !== null && digits(idOf(number)) === digits(ownNumber);
}

function traitsOf(error: unknown): MessageTraits {
  const read = readError(error);
  if (read === null) return {};
  const { code, message, title, details } = read;
  return {
    problem: { code: code === null ? null : String(code), message: details ?? message ?? title },
  };
}

/** Reads a status of a call that the business makes: it rings, is taken or refused. */
export function readCallStatus(
  channel: ChannelAddress,
  people: readonly JsonObject[],
  raw: unknown,
): InboundItem {
  const status = objectOf(raw) ?? {};
  const callId = idOf(status["id"]);
  const word = labelOf(status["status"])?.toLowerCase() ?? null;
  if (callId === null) return unreadable(channel, "no_provider_id", raw);
  if (word === null) return unreadable(channel, "unknown_status", raw);
  const line: Happening = {
    providerId: `${callId}:${word}`,
    code: `call_${word}`,
    text: "",
    at: instantOf(status["timestamp"]),
    by: "business",
    person: readRecipient(status, people),
    opensWindow: false,
    answers: null,
    traits: {},
  };
  return lineOf(channel, status, line);
}
