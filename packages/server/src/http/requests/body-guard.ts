import { isUtf8 } from "node:buffer";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { CurlewError } from "../../core/errors.ts";
import { type AppEnv, fieldRefused, pointerTo } from "../api.ts";
import { bodyTooLarge } from "../problems/problem.ts";

const MAX_DEPTH = 1_000;
/**
 * Where a route reads the body itself, and counts it: a file, whatever it says to be, which is written down as it
 * comes, and what a catcher lets go of before it answers.
 */
const READ_BY_ROUTES = /^(\/v1\/media$|\/catch\/)/;
const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/i;

/** Refuses a body of more than this many bytes, whether it says its length or comes in chunks. */
export function limitBody(maxBytes: number): MiddlewareHandler<AppEnv> {
  const refuse = (): never => {
    throw bodyTooLarge(maxBytes);
  };
  const limitChunks = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || isReadByRoute(c)) return next();
    const length = c.req.header("content-length");
    // Node holds a body to the length that it names. Looking at the body itself would cost the
    // adapter its fast path, so only a body without a length is counted.
    if (length === undefined || c.req.header("transfer-encoding") !== undefined) {
      return limitChunks(c, next);
    }
    return Number(length) > maxBytes ? refuse() : next();
  };
}

function isReadByRoute(c: Context<AppEnv>): boolean {
  return READ_BY_ROUTES.test(c.req.path);
}

/** Refuses what PostgreSQL cannot keep (NUL, in the URL or the JSON) and JSON that is nested without end. */
export const guardText: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.raw.url.includes("%00")) {
    throw new CurlewError("invalid_request", "The address holds a NUL character.");
  }
  const { method } = c.req;
  const hasJson = JSON_TYPE.test(c.req.header("content-type") ?? "");
  if (hasJson && method !== "GET" && method !== "HEAD" && !isReadByRoute(c)) {
    guardJson(decodeJson(new Uint8Array(await c.req.arrayBuffer())));
  }
  await next();
};

const DECODER = new TextDecoder();

/** The text of a JSON body. Bytes that are no UTF-8 are refused: others would be kept in their place, without a word. */
export function decodeJson(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return DECODER.decode(bytes);
  throw new CurlewError("malformed_json", "The body is not UTF-8, which JSON has to be.");
}

/** The same of a JSON text. */
export function guardJson(text: string): void {
  if (text.length > 2 * MAX_DEPTH && depthOf(text) > MAX_DEPTH) {
    throw new CurlewError(
      "invalid_request",
      `The body is nested more than ${MAX_DEPTH} levels deep.`,
    );
  }
  // In JSON a NUL can only be written so; the walk is for the rare text that holds these letters.
  if (!text.includes("\\u0000")) return;
  const path = findNul(parsed(text), []);
  if (path) throw fieldRefused(pointerTo("json", path), "holds a NUL character");
}

/** Undefined when it is not JSON: the route's own validator says so. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a NUL stands, in a value or in a name. Recursion is bounded by the depth that was let in. */
function findNul(value: unknown, path: readonly string[]): readonly string[] | null {
  if (typeof value === "string") return value.includes("\0") ? path : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes("\0")) return path;
    const found = findNul(inner, [...path, key]);
    if (found) return found;
  }
  return null;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (inString) {
      if (letter === BACKSLASH) i++;
      else if (letter === QUOTE) inString = false;
    } else if (letter === QUOTE) inString = true;
    else if (letter === BRACKET || letter === BRACE) deepest = Math.max(deepest, ++depth);
    else if (letter === BRACKET_END || letter === BRACE_END) depth--;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
