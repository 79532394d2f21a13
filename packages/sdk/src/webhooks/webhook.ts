import {
  isPublicKey,
  isSignedBy,
  publicKeyBytes,
  sameText,
  secretKeys,
  signatureOf,
} from "./signature.ts";
import type { WebhookEvent } from "./webhook-event.ts";

const DEFAULT_TOLERANCE_S = 300;
const WHOLE_SECONDS = /^(0|[1-9]\d{0,11})$/;

/**
 * Why a request is not to be trusted:
 * - `missing_header`: it is not signed as Standard Webhooks are.
 * - `malformed_header`: a header is there and cannot be read.
 * - `no_supported_signature`: only signatures of other versions than `v1`, or `v1a` for a public key.
 * - `signature_mismatch`: somebody else's, or the body was changed on its way, or the secret is not this one.
 * - `timestamp_too_old`, `timestamp_too_new`: rightly signed, but replayed, or a clock is wrong.
 * - `malformed_payload`: rightly signed, and no JSON.
 * - `payload_not_raw`: the receiver gives a body that has been parsed, which can no longer be verified.
 * - `invalid_secret`: the secret that the receiver holds is none.
 */
export type WebhookVerificationCode =
  | "missing_header"
  | "malformed_header"
  | "no_supported_signature"
  | "signature_mismatch"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "malformed_payload"
  | "payload_not_raw"
  | "invalid_secret";

/** The request is not to be trusted; `code` says why. Answer 400 or 401, so that it is sent again. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly code: WebhookVerificationCode;

  constructor(code: WebhookVerificationCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A `Headers`, or an object as Node's `request.headers`. Names in any case. */
export type WebhookHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyWebhookInput {
  /** The body exactly as it came: parsed and written again it would no longer verify. */
  payload: string | Uint8Array | ArrayBuffer;
  headers: WebhookHeaders;
  /**
   * The endpoint's secret (`whsec_…`, or one that you brought), or its public key (`whpk_…`) where it signs with Ed25519 too;
   * several while one is being replaced: any may match.
   */
  secret: string | readonly string[];
  /** How far the timestamp may be from now, in seconds; 300 when absent. */
  toleranceS?: number;
  /** Milliseconds since the epoch; the machine's clock when absent. */
  now?: number;
}

export interface VerifiedWebhook<Payload> {
  /** The event's id: the same in every retry and replay, so that a repeated one can be told. */
  id: string;
  /** When this request was signed. */
  timestamp: Date;
  payload: Payload;
}

/**
 * The webhook's id, time and parsed body, once its signature and its age are right.
 * Rejects with WebhookVerificationError. The type of the payload is promised by the sender, not
 * checked here.
 */
export async function verifyWebhook<Payload = WebhookEvent>(
  input: VerifyWebhookInput,
): Promise<VerifiedWebhook<Payload>> {
  const id = requireHeader(input.headers, "webhook-id");
  const timestamp = requireHeader(input.headers, "webhook-timestamp");
  const signatures = readSignatures(requireHeader(input.headers, "webhook-signature"));
  if (!WHOLE_SECONDS.test(timestamp)) {
    throw new WebhookVerificationError(
      "malformed_header",
      "webhook-timestamp is not a time in whole seconds.",
    );
  }
  const bytes = bytesOf(input.payload);
  await requireMatch(signatures, [input.secret].flat(), { id, timestamp, payload: bytes });
  const signedAt = Number(timestamp) * 1000;
  requireFresh(signedAt, input);
  // The sender promises the shape; see above.
  const payload = parse(bytes) as Payload;
  return { id, timestamp: new Date(signedAt), payload };
}

export interface SignWebhookInput {
  id: string;
  timestamp: Date;
  payload: string | Uint8Array | ArrayBuffer;
  /** Several secrets give several signatures, as a sender does while it replaces one. */
  secret: string | readonly string[];
}

/** The three headers that make a body a signed webhook: for testing a receiver. */
export async function signWebhook(input: SignWebhookInput): Promise<{
  "webhook-id": string;
  "webhook-timestamp": string;
  "webhook-signature": string;
}> {
  const { id } = input;
  const timestamp = String(Math.floor(input.timestamp.getTime() / 1000));
  const payload = bytesOf(input.payload);
  const keys = [input.secret].flat().flatMap((each) => keysOf(each).slice(0, 1));
  const signatures = await Promise.all(
    keys.map((key) => signatureOf(key, { id, timestamp, payload })),
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
}

function requireHeader(headers: WebhookHeaders, name: string): string {
  const values = isHeaders(headers)
    ? [headers.get(name)]
    : Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []));
  const [value, ...more] = values.filter((each) => typeof each === "string" && each !== "");
  if (typeof value !== "string") {
    throw new WebhookVerificationError("missing_header", `The header ${name} is missing.`);
  }
  if (more.length === 0) return value;
  throw new WebhookVerificationError("malformed_header", `The header ${name} came twice.`);
}

/** By its form: a `Headers` of another library is no instance of ours. */
function isHeaders(headers: WebhookHeaders): headers is Headers {
  return typeof headers["get"] === "function";
}

interface Signature {
  version: string;
  text: string;
}

function readSignatures(header: string): Signature[] {
  const parts = header.split(" ").filter((part) => part !== "");
  return parts.map((part) => {
    const comma = part.indexOf(",");
    return { version: part.slice(0, Math.max(comma, 0)), text: part.slice(comma + 1) };
  });
}

function keysOf(secret: string): Uint8Array<ArrayBuffer>[] {
  const keys = secretKeys(secret);
  if (keys.length > 0) return keys;
  throw invalidSecret(
    "The secret must be whsec_ and base64, as it was shown, or the one that you brought.",
  );
}

function invalidSecret(message: string): WebhookVerificationError {
  return new WebhookVerificationError("invalid_secret", message);
}

async function requireMatch(
  signatures: readonly Signature[],
  secrets: readonly string[],
  content: { id: string; timestamp: string; payload: Uint8Array },
): Promise<void> {
  if (secrets.length === 0 || secrets.some((each) => typeof each !== "string" || each === "")) {
    throw invalidSecret("There is no secret: is the environment variable set that it comes from?");
  }
  const keys = secrets.filter((each) => !isPublicKey(each)).flatMap(keysOf);
  const publicKeys = secrets.filter(isPublicKey).map(publicKeyBytes);
  const [v1, v1a] = [textsOf(signatures, "v1"), textsOf(signatures, "v1a")];
  const usable = (keys.length > 0 ? v1.length : 0) + (publicKeys.length > 0 ? v1a.length : 0);
  if (usable === 0) {
    throw new WebhookVerificationError(
      "no_supported_signature",
      "webhook-signature holds no signature of version v1, or v1a for a public key.",
    );
  }
  const expected = await Promise.all(keys.map((key) => signatureOf(key, content)));
  // No short cut: how long it takes does not tell which secret was near.
  const matches = expected.flatMap((right) => v1.map((given) => sameText(given, right)));
  for (const key of publicKeys) {
    if (key === null)
      throw invalidSecret("The public key must be whpk_ and base64, as it was shown.");
    for (const given of v1a) matches.push(await isSignedBy(key, given, content));
  }
  if (matches.includes(true)) return;
  throw new WebhookVerificationError(
    "signature_mismatch",
    "No signature matches. Verify the raw body, and the secret of this very endpoint.",
  );
}

function textsOf(signatures: readonly Signature[], version: string): string[] {
  return signatures.filter((each) => each.version === version).map(({ text }) => text);
}

function requireFresh(signedAt: number, { toleranceS, now }: VerifyWebhookInput): void {
  const tolerance = (toleranceS ?? DEFAULT_TOLERANCE_S) * 1000;
  // oxlint-disable-next-line no-restricted-properties -- a receiver's own clock; tests give theirs
  const age = Math.floor((now ?? Date.now()) / 1000) * 1000 - signedAt;
  // Written so that what is no number at all is refused too.
  if (!(age <= tolerance)) {
    throw new WebhookVerificationError("timestamp_too_old", "The request is too old.");
  }
  if (!(-age <= tolerance)) {
    throw new WebhookVerificationError(
      "timestamp_too_new",
      "The request comes from the future: is this machine's clock right?",
    );
  }
}

function bytesOf(payload: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof payload === "string") return new TextEncoder().encode(payload);
  // Not by its class: a buffer of another realm is one too.
  if (ArrayBuffer.isView(payload)) return payload;
  if (Object.prototype.toString.call(payload) === "[object ArrayBuffer]") {
    return new Uint8Array(payload);
  }
  throw new WebhookVerificationError(
    "payload_not_raw",
    "Give the raw body, as text or bytes: one that was parsed can no longer be verified.",
  );
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new WebhookVerificationError("malformed_payload", "The body is signed, but no JSON.");
  }
}
