import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import type { Principal } from "../../src/core/workspaces/principal.ts";
import { templateRoutes } from "../../src/http/channels/templates.ts";
import { TemplateSync } from "../../src/inbox/asking/template-sync.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import { httpApp, principalWith } from "../support/api/http.ts";
import {
  openPostOffice,
  type PostOffice,
  placesAt,
  SHOP,
} from "../support/messages/post-office.ts";
import { openShop } from "../support/messages/shops.ts";

// Against the provider that is played by somebody else, over real sockets.

let office: PostOffice;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let sync: TemplateSync;
let wabaId: string;
beforeEach(async () => {
  const clock = systemClock();
  simulator = await startSimulator({ appSecret: "secret" });
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  office = await openPostOffice({ realTime: true });
  const answer = await fetch(`${simulator.url}/_control/numbers`);
  const { numbers } = (await answer.json()) as {
    numbers: { phone_number_id: string; waba_id: string }[];
  };
  wabaId = numbers.find(({ phone_number_id }) => phone_number_id === SHOP)?.waba_id ?? "";
  await office.rows("update channel set waba_id = $1", [wabaId]);
  sync = new TemplateSync({
    connections: office.database.connections,
    ...{ http, clock, places: placesAt(simulator.url), logger: office.logger },
    openCredentials: (sealed) => sealed,
    newId: () => office.ids.next(),
  });
});
afterEach(async () => {
  await http.close();
  wheel.stop();
  await simulator.close();
  await office.end();
});

async function list(query = "", principal: Partial<Principal> = {}) {
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId, ...principal },
    routes: [templateRoutes({ db: office.database.connections.pool, templates: sync })],
  });
  const response = await app.request(`/v1/templates${query}`);
  // biome-ignore lint/suspicious/noExplicitAny: each test says which fields it expects
  return { status: response.status, body: (await response.json()) as any };
}

/** Meta tells that a template of the account was paused. */
async function tellOfChange(): Promise<void> {
  const value = {
    event: "PAUSED",
    message_template_id: 594425479261596,
    message_template_name: "order_ready",
    message_template_language: "en_US",
    reason: null,
  };
  const change = { field: "message_template_status_update", value };
  const entry = [{ id: wabaId, time: 1_750_000_000, changes: [change] }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry });
  const items = wanted(parseMeta(new TextEncoder().encode(body)));
  const { inbox } = await office.station();
  await inbox.accept({ provider: "meta", items, onlyChannelId: null });
}

const asked = () =>
  simulator.requests().requests.filter(({ path }) => path.endsWith("/message_templates")).length;

describe("the templates of a business account", () => {
  test("are fetched when they are first asked for, and shown by name", async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.data.length).toBeGreaterThan(0);
    expect(body.data[0]).toEqual({
      id: expect.any(String),
      waba_id: wabaId,
      name: expect.any(String),
      language: expect.any(String),
      category: expect.stringMatching(/^(UTILITY|MARKETING|AUTHENTICATION)$/),
      status: expect.any(String),
      quality: null,
      components: expect.arrayContaining([expect.objectContaining({ type: expect.any(String) })]),
      synced_at: expect.any(String),
    });
    const names: string[] = body.data.map(({ name }: { name: string }) => name);
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
    await list();
    expect(asked()).toBe(1);
  });

  test("are asked for anew on demand, hours later, and when Meta tells of a change", async () => {
    await list();
    await list("?refresh=true");
    expect(asked()).toBe(2);
    await sync.runOnce();
    expect(asked()).toBe(2);
    await tellOfChange();
    await sync.runOnce();
    expect(asked()).toBe(3);
    await office.rows("update template_sync set synced_at = now() - interval '7 hours'");
    await sync.runOnce();
    expect(asked()).toBe(4);
  });

  test("that are gone at Meta are gone here, and those that changed have changed", async () => {
    const { body } = await list();
    await office.rows("update template set status = 'PAUSED'");
    await office.rows(
      `insert into template (id, workspace_id, waba_id, name, language, synced_at)
       values ($1, $2, $3, 'gone', 'en', now())`,
      [office.ids.next(), office.workspaceId, wabaId],
    );
    const after = await list("?refresh=true");
    const named = ({ name, status }: { name: string; status: string }) => `${name} ${status}`;
    expect(after.body.data.map(named)).toEqual(body.data.map(named));
  });

  test("come in pages, and by name, status and channel", async () => {
    const all = (await list()).body.data;
    const first = (await list("?limit=1")).body;
    expect(first).toMatchObject({ has_more: all.length > 1, data: [{ name: all[0].name }] });
    if (first.has_more) {
      const second = (await list(`?limit=1&cursor=${first.next_cursor}`)).body;
      expect(second.data[0]).toEqual(all[1]);
    }
    const forged = Buffer.from(`a ${"-".repeat(36)}`).toString("base64url");
    expect((await list(`?cursor=${forged}`)).status).toBe(422);
    const named = await list(`?name=${all[0].name}`);
    expect(new Set(named.body.data.map(({ name }: { name: string }) => name))).toEqual(
      new Set([all[0].name]),
    );
    expect((await list("?status=nothing")).body.data).toEqual([]);
    const messenger = await openShop(office, "messenger");
    expect(await list(`?channel_id=${messenger.channel}`)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "channel_id" }] },
    });
  });

  test("are kept when Meta refuses the token", async () => {
    const before = await list();
    simulator.setToken({ token: "EAAB", state: "expired" });
    const after = await list("?refresh=true");
    expect(after.body.data).toEqual(before.body.data);
    const [row] = await office.rows<{ error: string }>("select error from template_sync");
    expect(row?.error).toBeTruthy();
  });

  test("are seen by keys of their channel's account alone", async () => {
    await list();
    const foreign = await list("", { accountId: office.ids.next() });
    expect(foreign.body.data).toEqual([]);
    const own = await list("", { accountId: office.accountId });
    expect(own.body.data.length).toBeGreaterThan(0);
  });
});
