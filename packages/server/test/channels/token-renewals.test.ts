import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../simulator/src/index.ts";
import type { ProviderHttp } from "../../src/core/outside/provider-http.ts";
import { TokenRenewals, type TokenRenewalsDeps } from "../../src/inbox/asking/token-renewals.ts";
import { keepChannelNotice } from "../../src/outbox/announce.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  createProviderClient,
  type ProviderClient,
} from "../../src/runtime/network/provider-client.ts";
import { createTimerWheel, type TimerWheel } from "../../src/runtime/timer-wheel.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import {
  openPostOffice,
  type PostOffice,
  placesAt,
  type Station,
} from "../support/messages/post-office.ts";

const INSTA = "17841400000000001";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let office: PostOffice;
let simulator: Simulator;
let wheel: TimerWheel;
let http: ProviderClient;
let station: Station;
let renewals: TokenRenewals;
let deps: TokenRenewalsDeps;

beforeEach(async () => {
  const clock = systemClock();
  wheel = createTimerWheel({ clock });
  wheel.start();
  http = createProviderClient({ clock, wheel });
  office = await openPostOffice();
  simulator = await startSimulator({
    appSecret: "secret",
    clock: { now: () => office.clock.now() },
  });
  simulator.social.putAccount({
    ...{ id: INSTA, kind: "instagram", login: "instagram", access_token: "IG-first" },
  });
  const places = placesAt(simulator.url);
  station = await office.station({ outbox: { http, places } });
  const { outbox } = station;
  deps = {
    ...{ http, places, clock: office.clock, logger: office.logger },
    connections: office.database.connections,
    changeConfig: station.deps.changeConfig,
    openCredentials: (sealed) => sealed,
    sealCredentials: (plain) => plain,
    keepDegraded: (tx, id, error) =>
      keepChannelNotice(tx, id, { kind: "degraded", error, until: null }, office.clock.now()),
    keepRestored: (tx, id) =>
      keepChannelNotice(tx, id, { kind: "restored", reason: "renewed" }, office.clock.now()),
    announce: () => outbox.announce(),
  };
  renewals = new TokenRenewals(deps);
  await connect("instagram");
});
afterEach(async () => {
  await http.close();
  wheel.stop();
  await simulator.close();
  await office.end();
});

async function connect(login: "instagram" | "facebook", externalId = INSTA): Promise<void> {
  await office.rows(
    `insert into channel (id, workspace_id, account_id, kind, name, external_id, login, credentials, created_at, updated_at)
     values ($1, $2, $3, 'instagram', 'Shop', $4, $5, '{"access_token":"IG-first","app_secret":"s"}', $6, $6)`,
    [
      ...[office.ids.next(), office.workspaceId, office.accountId, externalId, login],
      new Date(office.clock.now()),
    ],
  );
}

/** Time goes by, and the round comes. */
async function after(ms: number): Promise<void> {
  await office.clock.advance(ms);
  await ensurePartitions(deps.connections.pool, office.clock.now(), 1);
  await station.engine.beatOnce();
  await renewals.runOnce();
}

async function channel() {
  const [row] = await office.rows<{ credentials: string; expires: Date | null; error: string }>(
    `select credentials, token_expires_at as expires, token_error as error from channel where external_id = $1`,
    [INSTA],
  );
  return {
    token: JSON.parse(row?.credentials ?? "{}").access_token as string,
    expiresAt: row?.expires == null ? null : Number(row.expires),
    error: row?.error ?? null,
  };
}

const goodToken = () =>
  simulator.social.accounts().accounts.find(({ id }) => id === INSTA)?.access_token;
const asked = () =>
  simulator.requests().requests.filter(({ path }) => path === "/refresh_access_token").length;
const told = async () =>
  (await office.events("account.degraded", "account.connected")).map(
    ({ type, body }) => `${type} ${body.data.code}`,
  );

describe("a token of Instagram's own login", () => {
  test("is renewed after a day, then at half of its time, for as long as the channel lives", async () => {
    await after(HOUR);
    expect(asked()).toBe(0);
    await after(DAY);
    expect(asked()).toBe(1);
    const first = await channel();
    expect(first).toEqual({
      ...{ token: goodToken(), error: null },
      expiresAt: office.clock.now() + 60 * DAY,
    });
    expect(first.token).not.toBe("IG-first");
    await after(29 * DAY);
    expect(asked()).toBe(1);
    for (let month = 0; month < 4; month += 1) {
      await after(30 * DAY + HOUR);
      expect((await channel()).token).toBe(goodToken());
    }
    expect(asked()).toBe(5);
    expect(await told()).toEqual([]);
  });

  test("that Meta does not renew is told of once a day, and again when that has passed", async () => {
    simulator.addFaults({ kind: "error", code: 190, on: "any", count: 2 });
    await after(25 * HOUR);
    expect(await told()).toEqual(["account.degraded token_not_renewed"]);
    const [event] = await office.events("account.degraded");
    expect(event?.body).toMatchObject({
      channel: { kind: "instagram", external_id: INSTA },
      data: { details: { provider_code: "190" } },
    });
    expect(event?.body.data.reason).toContain("Log in to Instagram again");
    expect((await channel()).token).toBe("IG-first");
    await after(2 * HOUR);
    expect(asked()).toBe(1);
    await after(DAY);
    expect(await told()).toHaveLength(2);
    await after(DAY);
    expect((await told()).at(-1)).toBe("account.connected restored");
    expect(await channel()).toMatchObject({ token: goodToken(), error: null });
  });

  test("is asked for every hour while Meta is away, which is told of in its last week alone", async () => {
    await after(25 * HOUR);
    simulator.addFaults({ kind: "bare", status: 502, on: "any", count: 1_000 });
    await after(30 * DAY + HOUR);
    for (let n = 0; n < 3; n += 1) await after(HOUR);
    expect(asked()).toBe(5);
    expect(await told()).toEqual([]);
    expect((await channel()).error).toContain("502");
    await after(24 * DAY);
    expect(await told()).toEqual(["account.degraded token_not_renewed"]);
  });

  test.each([
    ["is renewed", 0],
    ["is refused", 1],
  ])("that somebody changes while it %s stays as they have said", async (_, refusals) => {
    if (refusals > 0) simulator.addFaults({ kind: "error", code: 190, on: "any" });
    const during: ProviderHttp = {
      async request(request) {
        const answer = await http.request(request);
        await office.rows(
          `update channel set credentials = '{"access_token":"IG-of-a-person"}' where external_id = $1`,
          [INSTA],
        );
        return answer;
      },
    };
    renewals = new TokenRenewals({ ...deps, http: during });
    await after(25 * HOUR);
    expect((await channel()).token).toBe("IG-of-a-person");
    expect(await told()).toEqual([]);
  });

  test("is renewed by one of several processes", async () => {
    await office.clock.advance(25 * HOUR);
    await station.engine.beatOnce();
    await Promise.all([renewals.runOnce(), new TokenRenewals(deps).runOnce()]);
    expect(asked()).toBe(1);
  });

  test("is in no log", async () => {
    simulator.addFaults({ kind: "error", code: 190, on: "any" });
    await after(25 * HOUR);
    await after(DAY);
    const lines = JSON.stringify(office.logger.lines);
    expect(lines).toContain("renewed");
    for (const token of ["IG-first", goodToken() ?? ""]) expect(lines).not.toContain(token);
  });
});

test("a Page's token, which does not end by itself, is left as it is", async () => {
  await office.rows("update channel set login = 'facebook' where external_id = $1", [INSTA]);
  await after(90 * DAY);
  expect(asked()).toBe(0);
});
