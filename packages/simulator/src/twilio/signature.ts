import { createHash, createHmac } from "node:crypto";

/** Parameters of a form; a name that comes more than once has several values. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1, under the account's auth token, over the URL and then
 * every parameter's name and value, sorted by name. Values of one name count once each, sorted.
 */
export function twilioSignature(authToken: string, url: string, values: FormValues): string {
  const written = Object.keys(values)
    .sort()
    .flatMap((name) => {
      const value = values[name] ?? "";
      const each = typeof value === "string" ? [value] : [...new Set(value)].sort();
      return each.map((one) => name + one);
    });
  return createHmac("sha1", authToken)
    .update(url + written.join(""), "utf8")
    .digest("base64");
}

/** What Twilio adds to the URL of a request whose body is no form. */
export function withBodyHash(url: string, body: Buffer): string {
  const hash = createHash("sha256").update(body).digest("hex");
  return `${url}${url.includes("?") ? "&" : "?"}bodySHA256=${hash}`;
}
