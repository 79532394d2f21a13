import { partWords } from "../words/index.ts";

/** A refusal of the server, as its problem document tells it; or that it could not be asked. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** 0 when nobody answered. */
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** Each field at fault, by JSON pointer. */
  readonly fields: readonly { pointer: string; detail: string }[];
  /** Its whole document: some codes have members of their own. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(o: {
    status: number;
    code: string;
    detail: string;
    requestId?: string | null;
    fields?: readonly { pointer: string; detail: string }[];
    more?: Readonly<Record<string, unknown>>;
  }) {
    super(o.detail);
    this.status = o.status;
    this.code = o.code;
    this.requestId = o.requestId ?? null;
    this.fields = o.fields ?? [];
    this.more = o.more ?? {};
  }

  /** What is wrong with a field, in words; undefined when nothing is. */
  at(pointer: string): string | undefined {
    return this.fields.find((each) => each.pointer === pointer)?.detail;
  }
}

/** The refusal that an answer's body tells. */
export function refusedBy(response: Response, body: unknown): Refused {
  const said = isRecord(body) ? body : {};
  return new Refused({
    status: response.status,
    code: typeof said["code"] === "string" ? said["code"] : "unreadable",
    detail: typeof said["detail"] === "string" ? said["detail"] : partWords.error.unreadable,
    requestId:
      typeof said["request_id"] === "string"
        ? said["request_id"]
        : response.headers.get("x-request-id"),
    fields: Array.isArray(said["errors"]) ? said["errors"].filter(isField) : [],
    more: said,
  });
}

/** Anything that was thrown, as a refusal. */
export function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  if (error instanceof TypeError) {
    return new Refused({ status: 0, code: "unreachable", detail: partWords.error.unreachable });
  }
  return new Refused({ status: 0, code: "fault", detail: String(error) });
}

/** The refusal that stands for an answer which did not come. */
export function unanswered(): Refused {
  return new Refused({ status: 0, code: "unanswered", detail: partWords.error.unanswered });
}

/** Whether it may help to ask once more: the server did not refuse, and nobody has waited for long. */
export function mayPass(error: unknown): boolean {
  const { status, code } = asRefused(error);
  return (status === 0 || status >= 500) && code !== "unanswered";
}

/** Whether what is shown must go: it is there no more, or not for you. Else a page keeps what it has, and what is typed in it. */
export function isGone(error: unknown): boolean {
  return [403, 404, 410].includes(asRefused(error).status);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isField(value: unknown): value is { pointer: string; detail: string } {
  return (
    isRecord(value) && typeof value["pointer"] === "string" && typeof value["detail"] === "string"
  );
}
