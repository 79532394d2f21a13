import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { parse, stringify } from "node:querystring";
import type { Secret } from "../../core/secret.ts";
import { readUrl } from "../../core/url.ts";
import type { Form } from "./form.ts";

/** What `X-Twilio-Signature` is made over. */
export interface SignedRequest {
  /**
   * The URL as Twilio called it, query included. Behind a proxy that is not what the server sees, so
   * there may be several guesses.
   */
  readonly urls: readonly string[];
  /** Null for a body that is no form: then the URL names its hash. */
  readonly form: Form | null;
  readonly raw: Uint8Array;
  readonly header: string | null | undefined;
}

const DIGEST_BASE64 = /^[A-Za-z0-9+/]{27}=$/;
const EMPTY: Form = new Map();

/**
 * Whether Twilio signed this request with one of the auth tokens: base64 of HMAC-SHA1 over the URL and
 * the sorted parameters. Every form of the URL that Twilio is known to sign is tried, with every token.
 */
export function isSignedByTwilio(request: SignedRequest, tokens: readonly Secret[]): boolean {
  const { header, form, urls, raw } = request;
  if (!header || !DIGEST_BASE64.test(header)) return false;
  const given = Buffer.from(header, "base64");
  const parameters = written(form ?? EMPTY);
  const candidates = new Set(
    urls.filter((url) => form !== null || namesBody(url, raw)).flatMap(variantsOf),
  );
  let matches = false;
  for (const token of tokens) {
    const key = token.reveal();
    for (const url of candidates) {
      const expected = createHmac("sha1", createSecretKey(key, "utf8"))
        .update(url + parameters, "utf8")
        .digest();
      // Anybody can sign with an empty key.
      if (timingSafeEqual(expected, given) && key !== "") matches = true;
    }
  }
  return matches;
}

/** Sorted by name, a name's values once each and sorted too, all run together. */
function written(form: Form): string {
  return [...form.keys()]
    .sort()
    .flatMap((name) => [...new Set(form.get(name))].sort().map((value) => name + value))
    .join("");
}

/** Whether the query's `bodySHA256` is the hash of these bytes. */
function namesBody(url: string, raw: Uint8Array): boolean {
  const query = url.indexOf("?");
  const hash = new URLSearchParams(query === -1 ? "" : url.slice(query)).get("bodySHA256");
  return hash?.toLowerCase() === createHash("sha256").update(raw).digest("hex");
}

/**
 * The forms of one URL that Twilio may have signed: without its port and with it, as it came and as a
 * browser would write it, and the latter also with its query escaped anew (back ends older than 2020).
 */
function variantsOf(url: string): string[] {
  const variants = [withoutPort(url), withPort(url)];
  const normal = readUrl(url)?.toString();
  if (normal === undefined) return variants;
  const ported = [withoutPort(normal), withPort(normal)];
  return [...variants, ...ported, ...ported.map(withLegacyQuery)];
}

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d+)?(.*)$/is;

function withoutPort(url: string): string {
  const parts = URL_PARTS.exec(url);
  if (!parts) return url;
  const [, scheme = "", user = "", host = "", , rest = ""] = parts;
  return scheme + user + host + rest;
}

function withPort(url: string): string {
  const parts = URL_PARTS.exec(url);
  if (!parts || parts[4] !== undefined) return url;
  const [, scheme = "", user = "", host = "", , rest = ""] = parts;
  return `${scheme}${user}${host}:${scheme.toLowerCase() === "https://" ? 443 : 80}${rest}`;
}

function withLegacyQuery(url: string): string {
  const query = url.indexOf("?");
  if (query === -1 || query === url.length - 1) return url;
  return `${url.slice(0, query)}?${stringify(parse(url.slice(query + 1)))}`;
}
