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

/** Where ids are written: letters joined one by one would each leave a string behind. */
const scratch = Buffer.alloc(BASE32_LENGTH + 10);
const LETTERS = Buffer.from(ALPHABET, "latin1");
const HEX_DIGITS = Buffer.from("0123456789abcdef", "latin1");
const HYPHEN = 0x2d;
const NO_LETTER = 255;
const VALUES = Buffer.alloc(128, NO_LETTER);
for (const [value, code] of LETTERS.entries()) VALUES[code] = value;

/** 128 bits behind two zero bits, five a letter: every id that is shown passes through here. */
function toBase32(uuid: string): string {
  let length = 0;
  let bits = 0;
  let held = 2;
  for (let at = 0; at < uuid.length; at++) {
    const code = uuid.charCodeAt(at);
    if (code === HYPHEN) continue;
    bits = (bits << 4) | hexDigit(code);
    held += 4;
    if (held < 5) continue;
    held -= 5;
    scratch[length++] = LETTERS[bits >> held] ?? 0;
    bits &= (1 << held) - 1;
  }
  return scratch.toString("latin1", 0, length);
}

function fromBase32(text: string): string | null {
  if (text.length !== BASE32_LENGTH) return null;
  const bytes = new Uint8Array(16);
  let length = 0;
  let bits = 0;
  let held = -2;
  for (let at = 0; at < BASE32_LENGTH; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? NO_LETTER;
    // The first letter holds three bits.
    if (value === NO_LETTER || (at === 0 && value > 7)) return null;
    bits = (bits << 5) | value;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes[length++] = bits >> held;
    bits &= (1 << held) - 1;
  }
  return uuidText(bytes);
}

/** The text of a uuid's 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) scratch[length++] = HYPHEN;
    const byte = bytes[at] ?? 0;
    scratch[length++] = HEX_DIGITS[byte >> 4] ?? 0;
    scratch[length++] = HEX_DIGITS[byte & 15] ?? 0;
  }
  return scratch.toString("latin1", 0, length);
}

/** Of a lower-case digit's character code. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
