import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { createPublisher } from "../../src/delivery/publishing/publish.ts";
import { type Endpoint, insertEndpointVersion } from "../../src/storage/endpoints/endpoints.ts";
import { type Desk, openAccount, openDesk } from "../support/engine/desk.ts";
import { openTown, refused, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

/** Changes an endpoint as the API does: under a new version, which keeps how it stood. */
async function change(id: string, columns: Record<string, unknown>, deleted = false) {
  const names = Object.keys(columns);
  await town.database.connections.transaction(async (tx) => {
    const bumped = await tx.query<{ version: number }>(
      "update workspace set config_version = config_version + 1 returning config_version::int as version",
    );
    const { rows } = await tx.query<Endpoint>(
      `update endpoint set id = id ${names.map((name, n) => `, ${name} = $${n + 2}`).join("")}
        where id = $1 returning serial, events, channel_kinds as "channelKinds", channel_ids as "channelIds",
          account_ids as "accountIds", campaign_ids as "campaignIds", owner_account_id as "ownerAccountId",
          state, disabled_by as "disabledBy", ordering, filter, custom_fields as "customFields",
          dialect_options as "dialectOptions"`,
      [id, ...Object.values(columns)],
    );
    const [endpoint] = rows;
    const version = bumped.rows[0]?.version;
    if (!endpoint || version === undefined) throw new Error("nothing was changed");
    await insertEndpointVersion(tx, endpoint, { version, now: town.clock.now(), deleted });
  });
  await desk.engine.directory.load(town.workspaceId);
}

async function endpoint(name: string, columns: Record<string, unknown> = {}) {
  const made = await town.endpoint({ schedule: [] });
  await change(made.id, { name, ...columns });
  return made;
}

const publish = async (more: object = {}): Promise<string> => {
  const body = { type: "order.shipped", data: { total: 5 }, ...more };
  const answer = await desk.call("POST", "/events", body);
  await desk.deliver();
  return answer.body.id;
};
const why = async (id: string, query = "", as?: Parameters<Desk["call"]>[3]) =>
  (await desk.call("GET", `/events/${id}/why?limit=100&${query}`, undefined, as)).body;
const verdicts = async (id: string) =>
  Object.fromEntries(
    (await why(id)).data.map((each: Record<string, string>) => [
      each["endpoint_name"],
      each["reason"] ?? each["outcome"],
    ]),
  );

describe("why", () => {
  test("says where an event and what an endpoint listens to are spelled almost alike", async () => {
    await endpoint("by type", { events: ["order.created", "order.shiped"] });
    await endpoint("by prefix", { events: ["ordr.*"] });
    await endpoint("another", { events: ["order.created"] });
    const { data } = await why(await publish());
    const details = data.map(({ detail }: { detail: string }) => detail);
    expect(details).toEqual([
      expect.stringContaining(
        "this is order.shipped. order.shiped is spelled almost alike: is one",
      ),
      expect.stringContaining("this is order.shipped. ordr.* is spelled almost alike: is one"),
      "The endpoint listened to order.created, and this is order.shipped.",
    ]);
  });

  test("names for every endpoint what became of the event, or what left it out", async () => {
    const accountId = await openAccount(town);
    const failing = await endpoint("failing");
    town.answers.set(failing.url, () => refused(500));
    await endpoint("wants all");
    await endpoint("other types", { events: ["lead.*"] });
    await endpoint("other channels", { channel_kinds: ["sms"] });
    await endpoint("other accounts", { account_ids: [accountId] });
    await endpoint("some campaigns", { campaign_ids: ["spring"] });
    await endpoint("another's", { owner_account_id: accountId });
    await endpoint("large orders", {
      filter: JSON.stringify({ "data.total": { range: { gt: 9 } } }),
    });
    await endpoint("off", { state: "disabled", disabled_by: "user" });
    await endpoint("unverified", { state: "pending" });
    const id = await publish();
    await endpoint("made later");
    expect(await verdicts(id)).toEqual({
      failing: "dead",
      "wants all": "delivered",
      "other types": "type",
      "other channels": "channel",
      "other accounts": "account_filter",
      "some campaigns": "campaign",
      "another's": "account",
      "large orders": "filter",
      off: "state",
      unverified: "state",
      "made later": "not_there",
    });
    const { data } = await why(id);
    const filtered = data.find((each: { reason: string }) => each.reason === "filter");
    expect(filtered.detail).toBe("The content filter did not let it pass: data.total.");
    expect(data[0]).toMatchObject({ delivery_id: expect.stringMatching(/^dlv_/), attempts: 1 });
  });

  test("leaves out endpoints that are deleted and were not there then, unless one is asked for", async () => {
    const remove = ({ id }: { id: string }) =>
      change(id, { deleted_at: new Date(town.clock.now()) }, true);
    const before = await endpoint("deleted before");
    await remove(before);
    const after = await endpoint("deleted after");
    const id = await publish();
    await remove(after);
    const later = await endpoint("made later, and deleted");
    await remove(later);
    expect(await verdicts(id)).toEqual({ "deleted after": "delivered" });
    const reasonOf = async (one: { id: string }) =>
      (await why(id, `endpoint_id=${publicId("ep", one.id)}`)).data[0].reason;
    expect([await reasonOf(before), await reasonOf(later)]).toEqual(["deleted", "not_there"]);
  });

  test("says of a dialect that has no event of the kind that it is the dialect, and not the filter", async () => {
    await endpoint("outreach", { dialect: "genesy", events: ["*"] });
    const id = await publish();
    const { data } = await why(id);
    expect(data).toMatchObject([
      {
        ...{ outcome: "left_out", reason: "type" },
        detail:
          "The dialect genesy has no event of this kind, and the endpoint did not ask for extended events.",
      },
    ]);
  });

  test("says of what Curlew tells of itself that * does not ask for it", async () => {
    await endpoint("wants all");
    const nowhere = { accountId: null, campaignId: null, channel: null, conversationId: null };
    const answer = await createPublisher(desk.engine.makeAcceptor)({
      ...{ workspaceId: town.workspaceId, confinedTo: null },
      items: [{ type: "endpoint.tested", data: {}, ...nowhere, key: null }],
    });
    const [event] = answer.kind === "published" ? answer.events : [];
    const { data } = await why(publicId("evt", event?.id ?? ""));
    expect(data).toMatchObject([
      {
        ...{ outcome: "left_out", reason: "type" },
        detail:
          "endpoint.tested tells of Curlew itself: it goes to endpoints that name it, and not to *.",
      },
    ]);
  });

  test("goes by how the endpoint stood when the event was accepted", async () => {
    const { id: endpointId } = await endpoint("CRM", { events: ["lead.*"] });
    const before = await publish();
    await change(endpointId, { events: ["*"] });
    const after = await publish();
    expect(await verdicts(before)).toEqual({ CRM: "type" });
    expect(await verdicts(after)).toEqual({ CRM: "delivered" });
  });

  test("knows an event that is about an endpoint, of which only others are told", async () => {
    const about = await endpoint("about");
    await endpoint("other");
    const { workspaceId } = town;
    const nowhere = { accountId: null, campaignId: null, channel: null, conversationId: null };
    const item = { type: "order.shipped", data: {}, ...nowhere, key: null };
    const answer = await createPublisher(desk.engine.makeAcceptor)({
      ...{ workspaceId, confinedTo: null },
      items: [{ ...item, exceptEndpoint: about.serial }],
    });
    await desk.deliver();
    const [event] = answer.kind === "published" ? answer.events : [];
    const told = await verdicts(publicId("evt", event?.id ?? ""));
    expect(told).toEqual({ about: "about_it", other: "delivered" });
  });

  test("comes in pages, for one endpoint, and shows a confined key its own", async () => {
    const accountId = await openAccount(town);
    const [a] = [await endpoint("a"), await endpoint("b", { owner_account_id: accountId })];
    const id = await publish({ account_id: publicId("acc", accountId) });
    const first = await why(id);
    expect(first.data).toHaveLength(2);
    const page = (await desk.call("GET", `/events/${id}/why?limit=1`)).body;
    expect(page).toMatchObject({ has_more: true, data: [{ endpoint_name: "a" }] });
    const rest = await desk.call("GET", `/events/${id}/why?limit=1&cursor=${page.next_cursor}`);
    expect(rest.body).toMatchObject({ has_more: false, data: [{ endpoint_name: "b" }] });
    for (const forged of ["2147483648", "a", "01890a5d-ac96-774b-bcce-b302099a8057"]) {
      const cursor = Buffer.from(forged).toString("base64url");
      const refused = await desk.call("GET", `/events/${id}/why?cursor=${cursor}`);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "cursor" }] } });
    }
    expect((await why(id, `endpoint_id=${publicId("ep", a?.id ?? "")}`)).data).toHaveLength(1);
    expect((await why(id, "", { accountId })).data).toMatchObject([{ endpoint_name: "b" }]);
    const other = await publish();
    expect((await desk.call("GET", `/events/${other}/why`, undefined, { accountId })).status).toBe(
      404,
    );
  });
});
