const HIDDEN = "[hidden]";
const DEPTH = 6;
const ITEMS = 100;

/** Names are compared in lower case and without `_`, `-` and `.`. */
const SECRET =
  /authorization|cookie|secret|token|password|passphrase|credential|apikey|masterkey|adminkey|privatekey|signature|databaseurl/;
const BODY = /^(raw|request|response|frozen)?(body|payload)$|^(text|caption|content|plaintext)$/;
const PHONE = /phone|msisdn|e164|^waid$|^bsuid$/;
/** Whoever a message goes to or comes from: on WhatsApp and SMS the bare number. */
const PARTY = /^(from|to|sender|recipient|address|platformuserid|externalid)$/;
const BARE_NUMBER = /^\+?\d{7,15}$/;
const LINK = /ur[il]$|^href$|^path$/;

const SECRET_TEXT = /whsec_[\w+/=-]+|\b(Bearer|Basic)\s+[\w.~+/=-]+/g;
const PHONE_TEXT = /(?<![\w+])\+[1-9]\d{6,14}(?!\d)/g;

/**
 * A copy of log fields without what must not be in a log: secrets, tokens, cookies, bodies and
 * phone numbers, known by the names of their fields at any depth, and by their looks in texts.
 */
export function scrubFields(fields: object): Record<string, unknown> {
  return scrubObject(fields, 0);
}

/** A text without signing secrets, bearer tokens and phone numbers in E.164. */
export function scrubText(text: string): string {
  return text.replace(SECRET_TEXT, HIDDEN).replace(PHONE_TEXT, HIDDEN);
}

function scrubObject(object: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) clean[key] = scrubField(key, value, depth);
  return clean;
}

function scrubField(key: string, value: unknown, depth: number): unknown {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  const name = key.toLowerCase().replace(/[-_.]/g, "");
  if (SECRET.test(name) || BODY.test(name) || PHONE.test(name)) return HIDDEN;
  if (PARTY.test(name) && BARE_NUMBER.test(String(value))) return HIDDEN;
  if (LINK.test(name) && (typeof value === "string" || value instanceof URL)) {
    return withoutQuery(String(value));
  }
  return scrubValue(value, depth + 1);
}

function scrubValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return scrubError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof URL) return withoutQuery(value.href);
  if (depth > DEPTH) return "[too deep]";
  if (Array.isArray(value)) return value.slice(0, ITEMS).map((each) => scrubValue(each, depth + 1));
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return scrubValue(value.toJSON(), depth + 1);
  }
  return scrubObject(value, depth);
}

/** Of an error only what never holds data: a database's `detail` quotes the row. */
function scrubError(error: Error, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = { type: error.name, message: scrubText(error.message) };
  if ("code" in error) clean["code"] = String(error.code);
  if ("constraint" in error) clean["constraint"] = String(error.constraint);
  if (error.stack !== undefined) clean["stack"] = scrubText(error.stack);
  if (depth > DEPTH) return clean;
  if (error.cause !== undefined) clean["cause"] = scrubValue(error.cause, depth + 1);
  if (error instanceof AggregateError) clean["errors"] = scrubValue(error.errors, depth + 1);
  return clean;
}

/** Queries carry tokens; what stands before the host may be a password. */
function withoutQuery(url: string): string {
  return scrubText(url.replace(/[?#].*$/s, `?${HIDDEN}`).replace(/\/\/[^/@]*@/, `//${HIDDEN}@`));
}
