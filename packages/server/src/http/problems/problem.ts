import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CurlewError, ERRORS, type ErrorCode, type FieldError } from "../../core/errors.ts";
import { findJsonFault, type JsonFault } from "../../core/json/json-fault.ts";
import { databaseRefusal } from "./database-refusal.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** An error as RFC 9457 shows it. */
export interface Problem {
  type: string;
  title: string;
  status: ContentfulStatusCode;
  detail: string;
  code: ErrorCode;
  request_id: string;
  errors?: readonly FieldError[];
}

function toProblem(refusal: CurlewError, requestId: string): Problem {
  const { status, title } = ERRORS[refusal.code];
  const problem: Problem = {
    type: `/problems/${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    request_id: requestId,
    ...(refusal.errors.length > 0 ? { errors: refusal.errors } : {}),
  };
  // Read last, and unable to pose as the rest.
  return { ...problem, ...refusal.extra, ...problem };
}

/** The answer to a request that ended with this error, as it is written. */
export function problemAnswer(
  error: unknown,
  requestId: string,
): { status: ContentfulStatusCode; headers: Record<string, string>; body: string } {
  const refusal = toRefusal(error);
  const problem = toProblem(refusal, requestId);
  const headers: Record<string, string> = { "content-type": PROBLEM_TYPE };
  if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="curlew"';
  if (refusal.retryAfterS !== null) headers["retry-after"] = String(refusal.retryAfterS);
  if (refusal.code === "too_many_requests") Object.assign(headers, rateHeaders(refusal));
  return { status: problem.status, headers, body: JSON.stringify(problem) };
}

/** `RateLimit` as the IETF drafts it: nothing remains, until when, and what a second has room for where that is set. */
function rateHeaders({ retryAfterS, extra }: CurlewError): Record<string, string> {
  const { limit } = extra;
  return {
    ratelimit: `"default";r=0;t=${retryAfterS ?? 1}`,
    ...(typeof limit === "number" ? { "ratelimit-policy": `"default";q=${limit};w=1` } : {}),
  };
}

/** The same, by way of Hono. */
export function answerProblem(c: Context, error: unknown, requestId: string): Response {
  const { status, headers, body } = problemAnswer(error, requestId);
  return c.body(body, status, headers);
}

/** True for what is no refusal but our own fault, and belongs into the log whole. */
export function isFault(error: unknown): boolean {
  return toRefusal(error).code === "internal";
}

/** The one place where an error becomes what a client sees. What has no code says nothing. */
function toRefusal(error: unknown): CurlewError {
  if (error instanceof CurlewError) return error;
  // Hono refuses before our own code runs; these are all that it and its validators throw.
  if (error instanceof HTTPException) {
    if (isMalformed(error)) return malformedJson(null);
    if (error.status === 413) return bodyTooLarge(null);
    if (error.status === 415) {
      return new CurlewError(
        "unsupported_media_type",
        "Send the body with Content-Type: application/json.",
      );
    }
  }
  const refusal = databaseRefusal(error);
  if (refusal) return refusal;
  return new CurlewError("internal", "This is our fault. The request id leads to it in the log.");
}

/** Hono's own refusal of a body that is not JSON. It says neither where nor why. */
export function isMalformed(error: unknown): boolean {
  return error instanceof HTTPException && error.status === 400;
}

/** Says where a body stops being JSON; null: the body is not at hand. */
export function malformedJson(body: string | null): CurlewError {
  const fault = body === null ? null : findJsonFault(body);
  const where = fault === null ? "." : `: ${inWords(fault)}`;
  return new CurlewError("malformed_json", `The body could not be read as JSON${where}`);
}

function inWords({ line, column, found, expected }: JsonFault): string {
  const place = `line ${line}, column ${column}`;
  if (found === null) return `it ends at ${place}, where ${expected} is missing.`;
  return `at ${place} there is ${shown(found)} in the place of ${expected}.`;
}

/** A letter, or the number of what cannot be seen. */
function shown(letter: string): string {
  if (/^[\p{L}\p{N}\p{P}\p{S}]$/u.test(letter)) return letter === '"' ? `'"'` : `"${letter}"`;
  const number = letter.codePointAt(0)?.toString(16).toUpperCase() ?? "";
  return `U+${number.padStart(4, "0")}`;
}

export function bodyTooLarge(maxBytes: number | null): CurlewError {
  const limit = maxBytes === null ? "" : ` A body may have ${maxBytes} bytes here.`;
  return new CurlewError("body_too_large", `The body is too large.${limit}`);
}
