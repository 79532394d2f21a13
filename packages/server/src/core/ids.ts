/** The prefixes that public ids carry, one a noun. */
export type IdPrefix =
  | "evt"
  | "msg"
  | "cnv"
  | "con"
  | "idn"
  | "ep"
  | "sec"
  | "dlv"
  | "ch"
  | "acc"
  | "ws"
  | "key"
  | "job"
  | "req"
  | "unr"
  | "med"
  | "usr"
  | "inv"
  | "aud"
  | "cat"
  | "rcp";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));
const BASE32_LENGTH = 26;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `evt_` and 26 letters of Crockford's base32: as long as a ULID, sorts like the uuid inside. */
export function publicId<P extends IdPrefix>(prefix: P, uuid: string): `${P}_${string}` {
  return `${prefix}_${toBase32(uuid)}`;
}

/** The uuid inside a public id, or null when the text is not an id with this prefix. */
export function parseId(prefix: IdPrefix, text: string): string | null {
  return text.startsWith(`${prefix}_`) ? fromBase32(text.slice(prefix.length + 1)) : null;
}

/** A delivery has no id of its own: it is one event on its way to one endpoint. */
export function deliveryId(eventId: string, endpointSerial: number): `dlv_${string}` {
  return `dlv_${toBase32(eventId)}_${endpointSerial}`;
}

export function parseDeliveryId(text: string): { eventId: string; endpoint: number } | null {
  const match = /^dlv_([0-9a-z]{26})_([1-9]\d{0,9})$/.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const eventId = fromBase32(match[1]);
  const endpoint = Number(match[2]);
  return eventId === null || endpoint > 0x7fffffff ? null : { eventId, endpoint };
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The instant (ms since the epoch) that a UUIDv7 was made at. */
export function timeOfId(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The lowest uuid of an instant: a bound for ranges of ids. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.trunc(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** 128 bits behind two zero bits, ten bits a look-up: every id that is shown passes through here. */
function toBase32(uuid: string): string {
  let text = "";
  let bits = 0;
  let held = 2;
  for (let at = 0; at < uuid.length; at++) {
    const code = uuid.charCodeAt(at);
    if (code === HYPHEN) continue;
    bits = (bits << 4) | hexDigit(code);
    held += 4;
    if (held < 10) continue;
    held -= 10;
    text += PAIRS[bits >> held] ?? "";
    bits &= (1 << held) - 1;
  }
  return text;
}

const HYPHEN = 0x2d;

/** Of a lower-case digit's character code. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

function fromBase32(text: string): string | null {
  if (text.length !== BASE32_LENGTH) return null;
  let hex = "";
  let bits = 0;
  let held = -2;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return null;
    bits = (bits << 5) | value;
    held += 5;
    if (hex === "" && held === 3 && value > 7) return null;
    while (held >= 4) {
      held -= 4;
      hex += ((bits >> held) & 15).toString(16);
      bits &= (1 << held) - 1;
    }
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
