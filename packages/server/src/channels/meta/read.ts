/**
 * Reading what a provider sent: a field of the wrong shape counts as absent, so that one field
 * costs neither its item nor the item's neighbours.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Longer than any id that Meta documents, short enough for an index entry. */
const MAX_ID_LENGTH = 512;
const MAX_LABEL_LENGTH = 512;
const MAX_SENTENCE_LENGTH = 2_000;
const MAX_LINK_LENGTH = 4_096;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** Below it a timestamp counts seconds: as milliseconds it would be 1973. */
const SECONDS_BELOW = 1e11;
const EARLIEST_MS = Date.UTC(2009, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

export function objectOf(value: unknown): JsonObject | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  // JSON holds nothing else: an object that is no array has strings for keys.
  return value as JsonObject;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** An opaque id, whether written as text or as a number. Empty is absent; so is what is absurdly long. */
export function idOf(value: unknown): string | null {
  if (typeof value !== "string" && !(typeof value === "number" && Number.isSafeInteger(value))) {
    return null;
  }
  const id = plain(String(value)).trim();
  return id === "" || id.length > MAX_ID_LENGTH ? null : id;
}

/** A name or a word, cut to what a reader can bear. Empty is absent. */
export function labelOf(value: unknown): string | null {
  return cut(value, MAX_LABEL_LENGTH);
}

/** An explanation of the provider's. */
export function sentenceOf(value: unknown): string | null {
  return cut(value, MAX_SENTENCE_LENGTH);
}

export function integerOf(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

export function booleanOf(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** A finite number, written as one or as text. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** A link of the provider's or of a customer's: to a web page or a file, or some word for one; never a script. */
export function linkOf(value: unknown): string | null {
  if (typeof value !== "string" || value.length > MAX_LINK_LENGTH) return null;
  const link = plain(value).trim();
  if (link === "" || /^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(link)) return null;
  return link;
}

/** Words of any length, as they came; empty is absent. */
export function wordsOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Seconds, milliseconds or ISO 8601, as text or as a number; null for what no message can have been sent at. */
export function instantOf(value: unknown): number | null {
  const number = typeof value === "string" && ISO.test(value) ? Date.parse(value) : numberOf(value);
  if (number === null || Number.isNaN(number)) return null;
  const ms = Math.trunc(number < SECONDS_BELOW ? number * 1_000 : number);
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : null;
}

/** NUL, or a part of a surrogate pair: most texts hold neither. */
const MAY_BE_UNFIT = /[\0\ud800-\udfff]/;

/** Text that a column of the database can hold and give back the same. */
export function plain(text: string): string {
  if (!MAY_BE_UNFIT.test(text)) return text;
  return text.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "\ufffd");
}

function cut(value: unknown, length: number): string | null {
  if (typeof value !== "string") return null;
  // Cut first: what the cut leaves of a pair is half of one.
  const text = plain(value.slice(0, length)).trim();
  return text === "" ? null : text;
}
