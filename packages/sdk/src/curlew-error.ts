/** A field that was refused. */
export interface FieldError {
  /** A JSON pointer into the request's body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** An RFC 9457 problem as Curlew answers it; some codes bring further members. */
export type Problem = Readonly<Record<string, unknown>>;

/**
 * Curlew refused, or could not be reached. `code` is the contract: it is never renamed. Two codes are
 * the client's own: `unreachable` (no answer came) and `unexpected_answer` (no problem document).
 */
export class CurlewError extends Error {
  override readonly name = "CurlewError";
  readonly code: string;
  /** The HTTP status; null when no answer came. */
  readonly status: number | null;
  /** Leads to the request in the server's log. */
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];
  /** How long to wait before another try, in seconds, where the server says so. */
  readonly retryAfterS: number | null;
  /** The whole document. */
  readonly problem: Problem | null;

  constructor(
    message: string,
    given: {
      code: string;
      status?: number;
      requestId?: string | null;
      errors?: readonly FieldError[];
      retryAfterS?: number | null;
      problem?: Problem;
      cause?: unknown;
    },
  ) {
    super(message, "cause" in given ? { cause: given.cause } : {});
    this.code = given.code;
    this.status = given.status ?? null;
    this.requestId = given.requestId ?? null;
    this.errors = given.errors ?? [];
    this.retryAfterS = given.retryAfterS ?? null;
    this.problem = given.problem ?? null;
  }
}

/** The error that an answer other than 2xx stands for. */
export async function errorOf(response: Response): Promise<CurlewError> {
  const { status, headers } = response;
  const retryAfter = headers.get("retry-after") ?? "";
  const retryAfterS = /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  const problem = await readProblem(response);
  const code = problem?.["code"];
  if (!problem || typeof code !== "string") {
    const message = `HTTP ${status} without a problem document.`;
    return new CurlewError(message, { code: "unexpected_answer", status, retryAfterS });
  }
  const { detail, title, request_id: requestId, errors } = problem;
  return new CurlewError(String(detail ?? title ?? code), {
    code,
    status,
    requestId: typeof requestId === "string" ? requestId : null,
    errors: Array.isArray(errors) ? errors.filter(isFieldError) : [],
    retryAfterS,
    problem,
  });
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
