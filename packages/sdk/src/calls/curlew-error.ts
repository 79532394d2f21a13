import type { ClientErrorCode, ErrorCode } from "./error-codes.ts";

/** A field that was refused. */
export interface FieldError {
  /** A JSON pointer into the request's body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** An RFC 9457 problem as Curlew answers it; some codes bring further members. */
export type Problem = Readonly<Record<string, unknown>>;

interface Given {
  code: string;
  status?: number;
  requestId?: string | null;
  errors?: readonly FieldError[];
  retryAfterS?: number | null;
  problem?: Problem;
  cause?: unknown;
}

/** Curlew refused, or could not be reached. `code` is the contract; the classes below sort them by status. */
export class CurlewError extends Error {
  override readonly name: string = "CurlewError";
  readonly code: ErrorCode | ClientErrorCode | (string & {});
  /** The HTTP status; null when no answer came. */
  readonly status: number | null;
  /** Leads to the request in the server's log. */
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
  /** How long to wait before another try, in seconds, where the server says so. */
  readonly retryAfterS: number | null;
  /** The whole document. */
  readonly problem: Problem | null;

  constructor(message: string, given: Given) {
    super(message, "cause" in given ? { cause: given.cause } : {});
    this.code = given.code;
    this.status = given.status ?? null;
    this.requestId = given.requestId ?? null;
    this.errors = given.errors ?? [];
    this.retryAfterS = given.retryAfterS ?? null;
    this.problem = given.problem ?? null;
  }

  /** The first field that was refused. */
  get pointer(): string | null {
    return this.errors[0]?.pointer ?? null;
  }
}

/** 400, 413, 415, 422 and the like: the request itself is not right. */
export class CurlewRequestError extends CurlewError {
  override readonly name: string = "CurlewRequestError";
}

/** 401: the key is missing, wrong, expired or revoked. */
export class CurlewAuthenticationError extends CurlewError {
  override readonly name: string = "CurlewAuthenticationError";
}

/** 402 and 403: the key, or the plan, does not allow it. */
export class CurlewPermissionError extends CurlewError {
  override readonly name: string = "CurlewPermissionError";
}

/** 404 and 410: there is no such thing, or it is gone. */
export class CurlewNotFoundError extends CurlewError {
  override readonly name: string = "CurlewNotFoundError";
}

/** 409: it stands in conflict with what is there. */
export class CurlewConflictError extends CurlewError {
  override readonly name: string = "CurlewConflictError";
}

/** 429: too many requests; `retryAfterS` says when to come back. */
export class CurlewRateLimitError extends CurlewError {
  override readonly name: string = "CurlewRateLimitError";
}

/** 5xx: the server failed, or cannot take this now. */
export class CurlewServerError extends CurlewError {
  override readonly name: string = "CurlewServerError";
}

/** No answer came: whether the request was carried out is not known. */
export class CurlewConnectionError extends CurlewError {
  override readonly name: string = "CurlewConnectionError";
}

/** No answer came in time. */
export class CurlewTimeoutError extends CurlewConnectionError {
  override readonly name: string = "CurlewTimeoutError";
}

const BY_STATUS: ReadonlyMap<number, typeof CurlewError> = new Map<number, typeof CurlewError>([
  [401, CurlewAuthenticationError],
  [402, CurlewPermissionError],
  [403, CurlewPermissionError],
  [404, CurlewNotFoundError],
  [409, CurlewConflictError],
  [410, CurlewNotFoundError],
  [429, CurlewRateLimitError],
]);

/** The error that an answer other than 2xx stands for. */
export async function errorOf(response: Response): Promise<CurlewError> {
  const { status, headers } = response;
  const retryAfter = headers.get("retry-after") ?? "";
  const retryAfterS = /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  if (isRedirect(response)) return redirected(response);
  const problem = await readProblem(response);
  const code = problem?.["code"];
  const Refusal = classFor(status);
  if (!problem || typeof code !== "string") {
    const message = `HTTP ${status} without a problem document: what answers there is not Curlew, or something in front of it.`;
    return new Refusal(message, { code: "unexpected_answer", status, retryAfterS });
  }
  const { detail, title, request_id: requestId, errors } = problem;
  return new Refusal(String(detail ?? title ?? code), {
    code,
    status,
    requestId: typeof requestId === "string" ? requestId : null,
    errors: Array.isArray(errors) ? errors.filter(isFieldError) : [],
    retryAfterS,
    problem,
  });
}

function classFor(status: number): typeof CurlewError {
  if (status >= 500) return CurlewServerError;
  return BY_STATUS.get(status) ?? (status >= 400 ? CurlewRequestError : CurlewError);
}

/** A browser shows nothing of a redirect that is not followed, not even its status. */
function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

/** It is not followed: the key is for one server alone. */
function redirected({ status, headers }: Response): CurlewError {
  const to = headers.get("location");
  const message = `The server redirects${to === null ? "" : ` to ${to}`}: give the address behind that as baseUrl.`;
  const known = status === 0 ? {} : { status };
  return new CurlewError(message, { code: "unexpected_answer", ...known });
}

async function readProblem(response: Response): Promise<Problem | null> {
  try {
    const body: unknown = await response.json();
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value["pointer"] === "string";
}
