import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ZodError } from "zod";
import { CurlewError, ERRORS, type ErrorCode, type FieldError } from "../core/errors.ts";
import { type IdPrefix, isUuid, parseDeliveryId, parseId, publicId } from "../core/ids.ts";
import type { Principal } from "../core/workspaces/principal.ts";
import type { Scope } from "../core/workspaces/scopes.ts";
import { readerOf } from "./absent-members.ts";
import { PROBLEM_TYPE } from "./problems/problem.ts";
import { meantBranch, refusalWords, unknownNameWords } from "./problems/refusal-words.ts";

// Once for every schema: what they refuse is told in our words unless they bring their own.
z.config({ localeError: refusalWords });

/** What every handler finds in its context: `c.var.principal`, `c.var.requestId`. */
export type AppEnv = {
  Variables: {
    requestId: string;
    principal: Principal;
    /** Says anew whom the request acts for: what lasts longer than a moment asks again. Rejects when nobody. */
    identify: () => Promise<Principal>;
  };
};

export type Routes = OpenAPIHono<AppEnv>;

/**
 * A group of routes, written relative to where it is mounted (`/endpoints/{id}` below `/v1`). What
 * its schemas refuse becomes a problem that points at each field at fault.
 */
export function newRoutes(): Routes {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const queries = result.target === "query" ? c.req.queries() : {};
      throw invalidRequest(result.target, result.error, queries);
    },
  });
}

/** For `middleware:` of a route: refuses a key that was not given this scope. */
export function requireScope(scope: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    needScope(c.get("principal"), scope);
    await next();
  };
}

export function needScope({ scopes }: Principal, scope: Scope): void {
  if (scopes.has(scope)) return;
  throw new CurlewError("forbidden", `This needs a key with the scope ${scope}.`);
}

/** For `middleware:` of a route that only the operator of the instance may use. */
export const requireAdmin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { kind, isOperator } = c.get("principal");
  if (kind !== "admin" && isOperator !== true) {
    throw new CurlewError("forbidden", "This needs the instance's admin key.");
  }
  await next();
};

const NOUNS: Record<IdPrefix, string> = {
  evt: "event",
  msg: "message",
  cnv: "conversation",
  con: "contact",
  idn: "identity",
  ep: "endpoint",
  sec: "secret",
  dlv: "delivery",
  ch: "channel",
  acc: "account",
  ws: "workspace",
  key: "API key",
  job: "job",
  req: "request",
  unr: "unroutable entry",
  med: "media",
  usr: "person",
  inv: "invitation",
  aud: "audit entry",
  cat: "catcher",
  rcp: "receipt",
};

const PREFIXES = Object.keys(NOUNS) as IdPrefix[]; // of a record of all of them

const EXAMPLE_UUID = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The refusal for an id that leads nowhere, whether it never existed or is somebody else's. */
export function notFound(prefix: IdPrefix, id: string): CurlewError {
  const other = otherNounOf(prefix, id);
  const hint = other === null ? "" : ` This is the id of ${other}.`;
  return new CurlewError("not_found", `There is no ${NOUNS[prefix]} ${id}.${hint}`);
}

/** What an id is of, with its article; null where it is of the noun that is meant, or is none. */
function otherNounOf(prefix: IdPrefix, text: string): string | null {
  const found = PREFIXES.find((each) => isIdOf(each, text));
  return found === undefined || found === prefix ? null : article(NOUNS[found]);
}

function isIdOf(prefix: IdPrefix, text: string): boolean {
  return prefix === "dlv" ? parseDeliveryId(text) !== null : parseId(prefix, text) !== null;
}

/** `params:` of a route with `{id}`. Gives the uuid; a text that is no such id is not found. */
export function idParams<P extends IdPrefix>(prefix: P) {
  const id = z
    .string()
    .transform((text) => {
      const uuid = parseId(prefix, text);
      if (uuid === null) throw notFound(prefix, text);
      return uuid;
    })
    .openapi({
      type: "string",
      param: { name: "id", in: "path" },
      example: publicId(prefix, EXAMPLE_UUID),
    });
  return z.object({ id });
}

/** A public id inside a body or a query. Gives the uuid; anything else is refused with a pointer. */
export function idSchema<P extends IdPrefix>(prefix: P) {
  return z
    .string()
    .transform((text, ctx) => {
      const uuid = parseId(prefix, text);
      if (uuid !== null) return uuid;
      const other = otherNounOf(prefix, text);
      const hint = other === null ? "" : `, but of ${other}`;
      const message = `is not the id of ${article(NOUNS[prefix])}${hint}`;
      ctx.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .openapi({ type: "string", example: publicId(prefix, EXAMPLE_UUID) });
}

/** A public id in an answer. */
export function shownId<P extends IdPrefix>(prefix: P) {
  return z.string().openapi({ example: publicId(prefix, EXAMPLE_UUID) });
}

/** An instant in an answer: RFC 3339 in UTC with milliseconds. */
export const shownInstant = z
  .string()
  .openapi({ format: "date-time", example: "2026-11-21T10:00:00.123Z" });

export function showInstant(ms: number): string;
export function showInstant(ms: number | null): string | null;
export function showInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_PAGE)
  .default(DEFAULT_PAGE)
  .openapi({ type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE });

const NOT_A_CURSOR = "is not a cursor that a page gave";

const cursor = z
  .string()
  .max(1000)
  .transform((text, ctx) => {
    const position = Buffer.from(text, "base64url").toString("utf8");
    if (text !== "" && encodeCursor(position) === text) return position;
    ctx.addIssue({ code: "custom", message: NOT_A_CURSOR });
    return z.NEVER;
  })
  .openapi({ type: "string", description: "`next_cursor` of the page before" });

/**
 * `query:` of a route that lists: `limit` (1 to 100, 20 when absent), `cursor` (decoded: the text
 * that `toPage` was given, by what `isPosition` knows such a text) and what the route adds. Parameters
 * that it does not know are refused.
 */
export function listQuery<Shape extends z.ZodRawShape>(
  filters: Shape,
  isPosition: (text: string) => boolean,
) {
  const position = cursor.refine(isPosition, NOT_A_CURSOR);
  return z.strictObject({ limit, cursor: position.optional(), ...filters });
}

/** `query:` of a list whose cursor is the uuid of the last row of the page before. */
export function listQueryById<Shape extends z.ZodRawShape>(filters: Shape) {
  return listQuery(filters, isUuid);
}

const MOST_SERIAL = 0x7fffffff;

/** Whether a text is the number of something, as positions name it. */
export function isSerial(text: string): boolean {
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= MOST_SERIAL;
}

/** A filter of a list: what needs somebody. */
export function onlyTroubled(description: string) {
  return z.enum(["true", "false"]).optional().openapi({ description });
}

function encodeCursor(position: string): string {
  return Buffer.from(position, "utf8").toString("base64url");
}

/** The schema of one page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  });
}

export interface Page<Item> {
  data: Item[];
  has_more: boolean;
  next_cursor: string | null;
}

/** Makes a page of up to `limit + 1` rows: the one too many says that there is another page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => string,
  show: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    data: shown.map(show),
    has_more: more,
    next_cursor: more ? encodeCursor(positionOf(last)) : null,
  };
}

/** What a page of a list by id is asked for: the newest rows before an id. */
export interface PageById {
  limit: number;
  before: string | undefined;
}

/**
 * A page of a list by id. `find` is asked for one row more than the page holds: the one too many says
 * that there is another page.
 */
export async function pageById<Row extends { id: string }, Item>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  find: (page: PageById) => Promise<readonly Row[]>,
  show: (row: Row) => Item,
): Promise<Page<Item>> {
  const rows = await find({ limit: limit + 1, before: cursor });
  return toPage(rows, limit, ({ id }) => id, show);
}

/** A page whose end its reader has found: `next` is the position of the next one, or null. */
export function pageOf<Item>(data: Item[], next: string | null): Page<Item> {
  return {
    data,
    has_more: next !== null,
    next_cursor: next === null ? null : encodeCursor(next),
  };
}

/** A JSON body that a route must be given. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, ...optionalJsonBody(schema) } as const;
}

/** The same of a body that may be left out. */
export function optionalJsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { "application/json": { schema: readerOf(schema) } } } as const;
}

/** A JSON answer. */
export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } } as const;
}

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]; // keys of a table that has some

const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: "/problems/invalid_request" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(codes),
    request_id: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: "Each field at fault: a JSON pointer, or a query parameter's name" }),
  })
  .openapi("Problem");

/**
 * The refusals that a route may answer with besides those that any may (`pages/openapi.ts` adds them): for
 * `responses:`, after the answers that its handler gives. Refusals are thrown, so types leave them out.
 */
export function problems(...refusals: ErrorCode[]): object {
  return problemResponses(refusals);
}

/** The same with its type: one description for each status. */
export function problemResponses(
  refusals: readonly ErrorCode[],
): Record<string, ReturnType<typeof problem>> {
  const statuses = new Set(refusals.map((code) => ERRORS[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      problem(refusals.filter((code) => ERRORS[code].status === status)),
    ]),
  );
}

function problem(some: readonly ErrorCode[]) {
  return {
    description: some.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(" "),
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
  };
}

function article(noun: string): string {
  return /^[aeiouA]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** The refusal of what a schema does not let in; `queries` is what stands in the address, where it is that. */
export function invalidRequest(
  target: string,
  error: ZodError,
  queries: Readonly<Record<string, readonly string[]>> = {},
): CurlewError {
  const errors = error.issues
    .flatMap((issue) => fieldErrors(target, issue))
    .map((each) =>
      (queries[each.pointer]?.length ?? 0) > 1 ? { ...each, detail: "is given twice" } : each,
    );
  const [first] = errors;
  const detail = first ? told(first) : "It is not valid.";
  return new CurlewError("invalid_request", detail, { errors });
}

function told({ pointer, detail }: FieldError): string {
  return `${pointer || "The body"}: ${detail}`;
}

function fieldErrors(target: string, issue: ZodError["issues"][number]): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: pointerTo(target, [...issue.path, key]),
      detail: unknownNameWords(key, issue.message),
    }));
  }
  const meant = issue.code === "invalid_union" ? meantBranch(issue.errors) : null;
  if (meant !== null) {
    return meant.flatMap((each) =>
      fieldErrors(target, { ...each, path: [...issue.path, ...each.path] }),
    );
  }
  return [{ pointer: pointerTo(target, issue.path), detail: issue.message }];
}

/** A JSON pointer (RFC 6901) into the body; the bare name of a parameter. */
export function pointerTo(target: string, path: readonly PropertyKey[]): string {
  if (target !== "json") return path.map(String).join(".");
  return path.map((part) => `/${escapePointer(String(part))}`).join("");
}

function escapePointer(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A refusal of one field of the body, found after the schema had let it through. */
export function fieldRefused(
  pointer: string,
  detail: string,
  code: ErrorCode = "invalid_request",
): CurlewError {
  return new CurlewError(code, told({ pointer, detail }), { errors: [{ pointer, detail }] });
}
