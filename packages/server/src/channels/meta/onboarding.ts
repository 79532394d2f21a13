import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { askGraph, type GraphReply, tellGraph } from "./ask.ts";
import { PAGE_FIELDS } from "./check.ts";

/** The operator's own app at Meta. */
export interface MetaApp {
  readonly id: string;
  readonly secret: Secret;
}

/** One step of connecting, done or not. */
export type Step<T> =
  | { kind: "done"; value: T }
  | {
      kind: "failed";
      /** What was asked of Meta. */
      step: string;
      /** Meta's own code; null where it did not answer. */
      code: number | null;
      reason: string;
    };

interface Meta {
  http: ProviderHttp;
  places: Pick<ProviderPlaces, "meta">;
}

const Token = z.object({ access_token: z.string().min(1) });
const Pages = z.object({
  data: z.array(
    z
      .object({
        id: z.string(),
        name: z.string().catch("Page"),
        access_token: z.string().optional(),
        instagram_business_account: z.object({ id: z.string() }).nullish().catch(null),
      })
      .loose(),
  ),
});

/** A Page that somebody may act for, with the token that does not end with theirs. */
export interface OwnedPage {
  readonly id: string;
  readonly name: string;
  readonly token: Secret;
  readonly instagramId: string | null;
}

/** The token of a business that has gone through Embedded Signup, for the code that it came back with. */
export function exchangeCode(meta: Meta, app: MetaApp, code: Secret): Promise<Step<Secret>> {
  return exchange(meta, app, { code: code.reveal() });
}

/** A person's token that lives for two months, for one that lives for an hour. */
export function prolongToken(meta: Meta, app: MetaApp, token: Secret): Promise<Step<Secret>> {
  return exchange(meta, app, {
    grant_type: "fb_exchange_token",
    fb_exchange_token: token.reveal(),
  });
}

async function exchange(
  { http, places }: Meta,
  { id, secret }: MetaApp,
  given: Record<string, string>,
): Promise<Step<Secret>> {
  const query = new URLSearchParams({ client_id: id, client_secret: secret.reveal(), ...given });
  const reply = await askGraph(http, `${baseOf(places)}/oauth/access_token?${query}`, null);
  return read("token", reply, Token, ({ access_token }) => new Secret(access_token));
}

/** The Pages that a person may act for: a hundred at most. */
export async function listPages({ http, places }: Meta, token: Secret): Promise<Step<OwnedPage[]>> {
  const fields = "id,name,access_token,instagram_business_account";
  const url = `${baseOf(places)}/me/accounts?fields=${fields}&limit=100`;
  return read("pages", await askGraph(http, url, token), Pages, ({ data }) =>
    data.flatMap(({ id, name, access_token, instagram_business_account: account }) =>
      access_token === undefined
        ? []
        : [{ id, name, token: new Secret(access_token), instagramId: account?.id ?? null }],
    ),
  );
}

/** From now on Meta tells of what happens on the Page. */
export async function subscribePage(
  { http, places }: Meta,
  { id, token }: Pick<OwnedPage, "id" | "token">,
): Promise<Step<null>> {
  const subscribed_fields = [...PAGE_FIELDS.needed, ...PAGE_FIELDS.useful].join(",");
  const url = `${baseOf(places)}/${encodeURIComponent(id)}/subscribed_apps`;
  return read("subscribed_apps", await tellGraph(http, url, token, { subscribed_fields }));
}

/** From now on Meta tells of what happens on the business account's numbers. */
export async function subscribeBusinessAccount(
  { http, places }: Meta,
  wabaId: string,
  token: Secret,
): Promise<Step<null>> {
  const url = `${baseOf(places)}/${encodeURIComponent(wabaId)}/subscribed_apps`;
  return read("subscribed_apps", await tellGraph(http, url, token, {}));
}

/** Lets a number send by the Cloud API. `pin` is its two-step verification from then on: six digits. */
export async function registerNumber(
  { http, places }: Meta,
  { phoneNumberId, pin }: { phoneNumberId: string; pin: Secret },
  token: Secret,
): Promise<Step<null>> {
  const url = `${baseOf(places)}/${encodeURIComponent(phoneNumberId)}/register`;
  const body = { messaging_product: "whatsapp", pin: pin.reveal() };
  return read("register", await tellGraph(http, url, token, body));
}

function read(step: string, reply: GraphReply): Step<null>;
function read<T, R>(
  step: string,
  reply: GraphReply,
  schema: z.ZodType<T>,
  as: (t: T) => R,
): Step<R>;
function read(
  step: string,
  reply: GraphReply,
  schema?: z.ZodType,
  as: (told: never) => unknown = () => null,
): Step<unknown> {
  if (reply.kind === "silent") return { kind: "failed", step, code: null, reason: reply.reason };
  if (reply.kind === "refused") {
    return { kind: "failed", step, code: reply.code, reason: reply.message };
  }
  const parsed =
    schema === undefined ? { success: true, data: null } : schema.safeParse(reply.body);
  return parsed.success
    ? { kind: "done", value: as(parsed.data as never) } // what the schema made
    : { kind: "failed", step, code: null, reason: "an answer that cannot be read" };
}

function baseOf({ meta }: Pick<ProviderPlaces, "meta">): string {
  return `${meta.graphUrl}/${meta.graphVersion}`;
}
