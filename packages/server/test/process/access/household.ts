import { systemClock } from "../../../src/runtime/clock.ts";
import type { ServerProcess } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";

const HOUR_MS = 3_600_000;
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The ids of a tenant's things, by what they are. */
export type Belongings = Record<
  | "account"
  | "apiKey"
  | "catcher"
  | "channel"
  | "contact"
  | "conversation"
  | "deadLetter"
  | "delivery"
  | "endpoint"
  | "event"
  | "job"
  | "media"
  | "message"
  | "queued"
  | "request"
  | "url"
  | "webhook",
  string
>;

/** What is called so, and whoever holds the key, must be nobody else's to see. */
export interface Household {
  name: string;
  key: string;
  has: Belongings;
}

/** Makes one of everything that has an id, with a key of an account and one that may see to it. */
export async function furnish(
  server: ServerProcess,
  o: { name: string; key: string; account: string; keeper: string },
): Promise<Household> {
  const { name, key, account } = o;
  const ask = (method: string, path: string, body?: unknown) =>
    asked(server, o.key, method, path, body);
  const first = async (path: string) => {
    let found: { id: string } | undefined;
    await until(`there is something at ${path}`, async () => {
      [found] = (await ask("GET", path)).data;
      return found !== undefined;
    });
    return found?.id ?? "";
  };
  const channel = await ask("POST", "/simulator/channels", { kind: "whatsapp", name });
  await ask("POST", `/simulator/channels/${channel.id}/acts`, {
    customer: { name },
    text: name,
  });
  const conversation = await first("/conversations");
  const message = (await ask("GET", `/conversations/${conversation}/messages`)).data[0];
  const reply = { conversation_id: conversation, text: name };
  const later = new Date(systemClock().now() + HOUR_MS).toISOString();
  const queued = await ask("POST", "/send", { ...reply, send_at: later });
  const media = await upload(server, key);
  const catcher = await ask("POST", "/catchers", { name });
  const failing = await ask("POST", "/catchers", { name, status: 500 });
  const own = { name, url: catcher.url, events: ["order.*"] };
  const endpoint = await ask("POST", "/endpoints", own);
  await ask("POST", "/endpoints", { ...own, url: failing.url, retry_schedule: [1] });
  const webhook = { name, url: failing.url, events: ["MESSAGE_REPLIED"] };
  const { data: shown } = await ask("POST", "/webhooks", webhook);
  const { id: event } = await ask("POST", "/events", { type: "order.shipped", data: { name } });
  const request = await first(`/catchers/${catcher.id}/requests`);
  const delivery = await first(`/deliveries?endpoint_id=${endpoint.id}&state=delivered`);
  const since = new Date(systemClock().now() - HOUR_MS).toISOString();
  const job = await ask("POST", `/endpoints/${endpoint.id}/replay`, { since });
  const made = await asked(server, o.keeper, "POST", "/api-keys", {
    ...{ name, scopes: ["events:read"], account_id: account },
  });
  const has: Belongings = {
    ...{ account, apiKey: made.id, catcher: catcher.id, channel: channel.id },
    contact: await first("/contacts"),
    conversation,
    deadLetter: await first("/dead-letters"),
    ...{ delivery, endpoint: endpoint.id, event, job: job.job_id, media, message: message.id },
    ...{ queued: queued.message_id, request, url: catcher.url, webhook: String(shown.id) },
  };
  const missing = Object.entries(has).filter(([, id]) => !id);
  if (missing.length > 0) throw new Error(`without an id: ${JSON.stringify(missing)}`);
  return { name, key, has };
}

/** The answer's body; throws what is refused. */
export async function asked(
  server: ServerProcess,
  key: string,
  method: string,
  path: string,
  body?: unknown,
) {
  const answer = await server.call(method, path, body, { key });
  if (answer.status > 299) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function upload(server: ServerProcess, key: string): Promise<string> {
  const answer = await fetch(`${server.url}/v1/media`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "image/png" },
    body: Buffer.from(PICTURE, "base64"),
  });
  const { id }: { id: string } = JSON.parse(await answer.text());
  return id;
}
