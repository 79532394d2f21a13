import { createHash } from "node:crypto";
import { CurlewError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json/canonical-json.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { HeldKey } from "../../storage/idempotency.ts";
import { fieldRefused } from "../api.ts";

export const REPLAYED = "idempotent-replayed";
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key of a request: the header, or the body's field. Both may be given when they agree. */
export function keyOf(header: string | undefined, field: string | undefined): string | null {
  if (header !== undefined && field !== undefined && header !== field) {
    throw fieldRefused("/idempotency_key", "is not the one of the Idempotency-Key header");
  }
  const key = header ?? field;
  if (key === undefined) return null;
  if (KEY.test(key)) return key;
  throw fieldRefused(
    field === undefined ? "Idempotency-Key" : "/idempotency_key",
    "must be 1 to 255 visible ASCII characters without spaces",
  );
}

/** The name that a key is kept under: a confined key's are its account's own. */
export function nameOfKey({ accountId }: Principal, key: string): string {
  return accountId === null ? key : `${accountId} ${key}`;
}

/** What makes two requests the same: the body as a JSON value, without the key itself. */
export function hashOf(body: object): Buffer {
  const said = { ...body, idempotency_key: undefined };
  return createHash("sha256").update(canonicalJson(said)).digest();
}

/** Refuses a key that stands for another request. */
export function requireSameRequest(held: HeldKey, hash: Buffer): void {
  if (held.hash.equals(hash)) return;
  throw new CurlewError(
    "idempotency_key_reused",
    "This idempotency key was used for a request with another body.",
  );
}

/** The refusal while the first request with a key has not been answered. */
export function stillRunning(retryAfterS: number): CurlewError {
  return new CurlewError(
    "idempotency_in_progress",
    `The first request with this idempotency key is still running: ask again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}
