import { createHmac } from "node:crypto";
import { type Finding, finding } from "./findings.ts";
import type { Scheme } from "./schemes.ts";

/** One way of doing a part of it, and what is wrong with that way; the right one has no findings. */
interface Way<T> {
  value: T;
  slips: readonly Finding[];
}

export interface Signed {
  id: string;
  timestamp: string;
  body: string;
}

const PREFIX = "whsec_";
const HASHES = new Map([
  [20, "sha1"],
  [32, "sha256"],
  [48, "sha384"],
  [64, "sha512"],
]);
const HEX = /^([0-9a-f]{2})+$/;

/**
 * What went wrong, when one of the usual slips, or a few of them together, explain the digest; none
 * when it is right, null when nothing explains it. The fewest slips win.
 */
export function explain(
  digest: Buffer,
  scheme: Scheme,
  { secret, signed }: { secret: string; signed: Signed },
): Finding[] | null {
  const hash = HASHES.get(digest.length);
  if (hash === undefined) return null;
  const wrongHash =
    hash === "sha256" ? [] : [finding("wrong_hash", `It is as long as an HMAC of ${hash}.`)];
  let best: Finding[] | null = null;
  for (const key of keysOf(secret, scheme)) {
    for (const body of bodiesOf(signed.body)) {
      for (const content of contentsOf(scheme, signed, body.value)) {
        const found = [...wrongHash, ...key.slips, ...body.slips, ...content.slips];
        if (best !== null && found.length >= best.length) continue;
        const made = createHmac(hash, key.value).update(content.value).digest();
        if (made.equals(digest)) best = found;
      }
    }
  }
  return best;
}

/** The digest as it should be, over the body that was given. */
export function expectedDigest(scheme: Scheme, secret: string, signed: Signed): Buffer {
  const [key] = keysOf(secret, scheme);
  const [content] = contentsOf(scheme, signed, Buffer.from(signed.body));
  if (!key || !content) throw new Error("there is a right way");
  return createHmac("sha256", key.value).update(content.value).digest();
}

function keysOf(secret: string, { key }: Scheme): Way<Buffer>[] {
  const bare = withoutPrefix(secret);
  const trimmed = secret.trim();
  const decoded = Buffer.from(bare, "base64");
  const text = Buffer.from(secret);
  const ways: Way<Buffer>[] = [];
  const add = (value: Buffer, ...slips: Finding[]) => ways.push({ value, slips });
  const padded = finding("secret_padded", "The secret has white space around it.");
  if (key === "decoded") {
    const undecoded = (detail: string) => finding("secret_not_decoded", detail);
    add(decoded);
    add(text, undecoded("The secret was used as it is shown, whsec_ included."));
    add(Buffer.from(bare), undecoded("The secret was used without whsec_, but not decoded."));
    add(
      Buffer.from(secret, "base64"),
      undecoded("whsec_ was decoded together with the secret: it stands before the base64."),
    );
    if (HEX.test(bare)) add(Buffer.from(bare, "hex"), undecoded("It was decoded from hex."));
  } else {
    add(text);
    const taken = (detail: string) => finding("secret_decoded", detail);
    add(decoded, taken("The secret was decoded from base64."));
    if (HEX.test(bare)) add(Buffer.from(bare, "hex"), taken("The secret was decoded from hex."));
    if (bare !== trimmed) add(Buffer.from(bare), taken(`${PREFIX} was cut off.`));
  }
  if (trimmed !== secret) add(Buffer.from(trimmed), padded);
  add(Buffer.from(`${trimmed}\n`), padded);
  return ways;
}

function withoutPrefix(secret: string): string {
  const trimmed = secret.trim();
  return trimmed.startsWith(PREFIX) ? trimmed.slice(PREFIX.length) : trimmed;
}

/** What the body may have been when it was signed, seen from the one that was given. */
function bodiesOf(body: string): Way<Buffer>[] {
  const ways: Way<Buffer>[] = [{ value: Buffer.from(body), slips: [] }];
  const add = (value: string | Buffer, found: Finding) => {
    const bytes = Buffer.from(value);
    if (!ways.some((way) => way.value.equals(bytes))) ways.push({ value: bytes, slips: [found] });
  };
  const space = (detail: string) => finding("body_whitespace", detail);
  add(`${body}\n`, space("The body ended with a line end that is missing here."));
  add(`${body}\r\n`, space("The body ended with a line end that is missing here."));
  add(body.trim(), space("The body has white space around it that was not signed."));
  add(body.replace(/^\ufeff/, ""), space("A byte order mark stands before the body."));
  add(body.replaceAll("\r\n", "\n"), space("Line ends were changed to CR LF."));
  add(body.replace(/\r?\n/g, "\r\n"), space("Line ends were changed from CR LF."));
  for (const written of rewritten(body)) {
    add(written, finding("body_reserialised", "The body was parsed and written again."));
  }
  if ([...body].every((letter) => letter.charCodeAt(0) < 256)) {
    const misread = finding("body_misdecoded", "The body's UTF-8 was read as Latin-1.");
    add(Buffer.from(body, "latin1"), misread);
  }
  if (body !== "") add("", finding("body_missing", "An empty body was signed."));
  return ways;
}

/** The same JSON as libraries like to write it. */
function rewritten(body: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  const compact = JSON.stringify(value);
  const pythonic = spaced(value);
  const forms = [compact, JSON.stringify(value, null, 2), JSON.stringify(value, null, 4), pythonic];
  return forms.flatMap((form) => [form, ascii(form), form.replaceAll("/", "\\/")]);
}

/** As Python's `json.dumps` writes it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${spaced(v)}`);
  return `{${members.join(", ")}}`;
}

function ascii(text: string): string {
  return text.replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function contentsOf(scheme: Scheme, { id, timestamp }: Signed, body: Buffer): Way<Buffer>[] {
  const head = (text: string) => Buffer.concat([Buffer.from(text), body]);
  const ways: [Buffer, string][] = [
    [head(`${id}.${timestamp}.`), "<webhook-id>.<webhook-timestamp>.<body>"],
    [body, "the body alone"],
    [head(`${timestamp}.`), "<webhook-timestamp>.<body>"],
    [head(`${id}.`), "<webhook-id>.<body>"],
    [head(`${timestamp}${id}`), "<webhook-timestamp><webhook-id><body>"],
    [head(`${timestamp}.${id}.`), "<webhook-timestamp>.<webhook-id>.<body>"],
    [head(`${id}${timestamp}`), "<webhook-id><webhook-timestamp><body>"],
    [head(`v0:${timestamp}:`), "v0:<webhook-timestamp>:<body>"],
  ];
  const right = scheme.content === "body" ? 1 : 0;
  const wanted = ways[right]?.[1] ?? "";
  const sorted = [...ways.slice(right, right + 1), ...ways.filter((_, i) => i !== right)];
  return sorted.map(([value, what], i) => ({
    value,
    slips: i === 0 ? [] : [finding("signed_content", `${what} was signed, not ${wanted}.`)],
  }));
}
