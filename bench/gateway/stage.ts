import { randomBytes, randomUUID } from "node:crypto";
import { parseId, publicId } from "../../packages/server/src/core/ids.ts";
import { createVault } from "../../packages/server/src/runtime/secrets/vault.ts";
import { secretPlace } from "../../packages/server/src/storage/endpoints/endpoints.ts";
import { typeOfGroup } from "../children/events.ts";
import type { ReceiverApi } from "../children/receiver.ts";
import type { Child } from "../children/remote.ts";
import type { Backdoor } from "./database.ts";
import type { Gateway } from "./gateway.ts";

/** Events are dealt out to so many groups, each with endpoints of its own: a tenant with a few of them. */
export const GROUPS = 4;
export const CONVERSATIONS = 2_048;
export const PHONE_NUMBER_ID = "109900000000001";
/** Created so many at a time. */
const AT_A_TIME = 8;

export interface Endpoint {
  id: string;
  serial: number;
  secret: string;
}

export interface Stage {
  /** An API key that may publish and send. */
  key: string;
  conversations: string[];
}

/** What a load needs: a key of a backend's kind, and conversations of a WhatsApp number. */
export async function setStage(gateway: Gateway): Promise<Stage> {
  const key = await makeKey(gateway);
  await gateway.api("POST", "/v1/channels", {
    kind: "whatsapp",
    name: "Bench",
    external_id: PHONE_NUMBER_ID,
    waba_id: "209900000000001",
    credentials: { access_token: "bench" },
  });
  await gateway.database.pool.query(CONVERSE, [CONVERSATIONS]);
  const page = await gateway.database.pool.query<{ id: string }>("select id from conversation");
  return { key, conversations: page.rows.map(({ id }) => publicId("cnv", id)) };
}

export async function makeKey(gateway: Gateway, workspace?: string): Promise<string> {
  const body = { name: "bench", scopes: ["events:write", "messages:send"] };
  const { key } = await gateway.api<{ key: string }>("POST", "/v1/api-keys", body, workspace);
  return key;
}

export async function makeWorkspace(gateway: Gateway, name: string): Promise<string> {
  const { id } = await gateway.api<{ id: string }>("POST", "/v1/workspaces", { name });
  return id;
}

/** Straight into the database: what matters is that they are there, not how they came. */
const CONVERSE = `
  with one as (
      select channel.id as channel, workspace_id, account_id, now() as at, n,
        ${idAt("0")} as contact, ${idAt("1")} as identity, ${idAt("2")} as conversation
      from channel cross join generate_series(1, $1::int) as n),
    people as (
      insert into contact (id, workspace_id, account_id, name, created_at, updated_at)
      select contact, workspace_id, account_id, 'Customer ' || n, at, at from one),
    addresses as (
      insert into identity (id, workspace_id, channel_id, contact_id, kind, value, created_at)
      select identity, workspace_id, channel, contact, 'wa_id', (15550100000 + n)::text, at from one)
  insert into conversation (id, workspace_id, account_id, channel_id, contact_id, created_at)
  select conversation, workspace_id, account_id, channel, contact, at from one`;

/** A UUIDv7 of `now()` and of `n`, unlike those of other kinds. */
function idAt(kind: string): string {
  const time = "lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0')";
  const chance = `md5('${kind}' || n)`;
  return `(${time} || '7' || substr(${chance}, 1, 3) || '8' || substr(${chance}, 4, 15))::uuid`;
}

/** Endpoints in the order of the URLs, whose groups go round. */
export async function makeEndpoints(
  gateway: Gateway,
  urls: readonly string[],
  groupOf: (at: number) => number,
  workspace?: string,
): Promise<Endpoint[]> {
  const endpoints: Endpoint[] = [];
  for (let from = 0; from < urls.length; from += AT_A_TIME) {
    const some = urls
      .slice(from, from + AT_A_TIME)
      .map((url, at) =>
        gateway.api<Endpoint>(
          "POST",
          "/v1/endpoints",
          { name: `Receiver ${from + at}`, url, events: [typeOfGroup(groupOf(from + at))] },
          workspace,
        ),
      );
    endpoints.push(...(await Promise.all(some)));
  }
  return endpoints;
}

/**
 * As many endpoints as would take minutes to create one by one: straight into the database, paused,
 * each with events of one type.
 */
export async function plantEndpoints(
  gateway: Gateway,
  urls: readonly string[],
  o: { typeOf(at: number): string; workspace?: string } = { typeOf: () => "bench.nothing" },
): Promise<Endpoint[]> {
  const vault = createVault([gateway.masterKey]);
  const planted = urls.map((url) => {
    const [id, secretId] = [randomUUID(), randomUUID()];
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    return { id, url, secret, secretId, sealed: vault.seal(secret, secretPlace(secretId)) };
  });
  const { rows } = await gateway.database.pool.query<{ id: string; serial: number }>(PLANT, [
    planted.map(({ id }) => id),
    planted.map(({ url }) => url),
    planted.map(({ secretId }) => secretId),
    planted.map(({ sealed }) => sealed),
    planted.map((_, at) => o.typeOf(at)),
    o.workspace === undefined ? null : parseId("ws", o.workspace),
  ]);
  const serials = new Map(rows.map(({ id, serial }) => [id, serial]));
  return planted.map(({ id, secret }) => ({
    id: publicId("ep", id),
    serial: serials.get(id) ?? 0,
    secret,
  }));
}

const PLANT = `
  with given as (
      select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[])
        as given (id, url, secret_id, sealed, type)),
    planted as (
      insert into endpoint (id, workspace_id, name, url, dialect, events, state, created_at, updated_at)
      select given.id, workspace.id, 'Receiver', url, 'curlew', array[type], 'paused', now(), now()
      from given cross join workspace
      where case when $6::uuid is null then is_default else workspace.id = $6::uuid end
      returning id, serial),
    secrets as (
      insert into endpoint_secret (id, endpoint_id, sealed, stage, created_at)
      select secret_id, id, sealed, 'signing', now() from given)
  select id, serial from planted`;

/** Of all endpoints. Straight in the database, and told as the API tells it. */
export async function setState({ pool }: Backdoor, state: "enabled" | "paused"): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `with changed as (update endpoint set state = $1 returning workspace_id),
      version as (update instance set config_version = config_version + 1)
    update workspace set config_version = config_version + 1
    where id in (select workspace_id from changed) returning id`,
    [state],
  );
  for (const { id } of rows) await pool.query("select pg_notify('curlew_config', $1)", [id]);
}

/** The receiver knows the endpoints by the numbers in their paths. */
export function urlOf(port: number, endpoint: number): string {
  return `http://127.0.0.1:${port}/e/${endpoint}`;
}

export type Receiver = Child<ReceiverApi>;
