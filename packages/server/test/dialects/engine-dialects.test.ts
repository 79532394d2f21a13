import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventDraft } from "../../src/core/events/recording.ts";
import { publicId } from "../../src/core/ids.ts";
import { sampleDraft } from "../../src/core/samples/event-samples.ts";
import { getDialect } from "../../src/dialects/registry.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { ok, openTown, recorder, refused, type Town } from "../support/engine/town.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

let town: Town;
let desk: Desk;
beforeEach(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterEach(() => town.end());

const sample = (type: string, wish?: Parameters<typeof sampleDraft>[2]): EventDraft =>
  sampleDraft(type, { now: town.clock.now(), workspaceId: town.workspaceId }, wish);
async function accept(...drafts: EventDraft[]): Promise<void> {
  const accepting = recorder(desk.engine);
  await Promise.all(drafts.map((draft) => accepting.accept(draft)));
  await desk.deliver();
}
const said = (): string[] =>
  town.posts.map(({ body }) => {
    const { event, eventType } = JSON.parse(body);
    return event ?? eventType;
  });

describe("an endpoint of each dialect", () => {
  test.each([
    ["chatgenius", "message.received", "whatsapp.message_received", "x-chatgenius-signature"],
    ["chatmefy", "message.received", "message.received", "x-chatmefy-signature"],
    ["dmtolead", "conversation.created", "conversation.created", "x-dmtolead-signature"],
    ["genesy", "outreach.replied", "MESSAGE_REPLIED", "x-webhook-secret"],
  ])(
    "%s: gets the same bytes, signed, at the published times, and again when it is replayed",
    async (dialect, type, name, header) => {
      const { url } = await town.endpoint({ dialect, schedule: null });
      const { schedule } = getDialect(dialect);
      town.answers.set(url, () => refused(410));
      await accept(sample(type));
      for (const wait of schedule) {
        const before = town.posts.length;
        await town.clock.advance(wait * 1000 - 1);
        await desk.deliver();
        expect(town.posts, "not before its time").toHaveLength(before);
        await town.clock.advance(1);
        await desk.deliver();
        expect(town.posts).toHaveLength(before + 1);
      }
      const [dead] = (await desk.call("GET", "/deliveries?state=dead")).body.data;
      expect(dead.attempts).toBe(schedule.length + 1);

      town.answers.set(url, () => ok);
      await desk.call("POST", `/deliveries/${dead.id}/replay`);
      await desk.deliver();
      expect(town.posts).toHaveLength(schedule.length + 2);
      expect(said()).toEqual(Array(schedule.length + 2).fill(name));
      const [first] = town.posts;
      const digest = createHmac("sha256", SECRET)
        .update(first?.body ?? "")
        .digest("hex");
      for (const { headers, body } of town.posts) {
        expect(body).toBe(first?.body);
        expect(headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
        expect(headers[header]).toContain(dialect === "genesy" ? SECRET : digest);
      }
      const shown = (await desk.call("GET", `/deliveries/${dead.id}`)).body;
      expect(shown).toMatchObject({ state: "delivered", request: { body: first?.body } });
      expect(shown.request.headers[header]).toBe("***");
    },
  );

  test("gets what its dialect has a name for, and with extended events the rest", async () => {
    await town.endpoint({ dialect: "chatmefy" });
    const drafts = [
      sample("message.sent", { actor: "bot" }),
      sample("message.sent", { actor: "agent" }),
      sample("message.read"),
      town.draft(),
    ];
    await accept(...drafts);
    expect(said()).toEqual(["message.sent"]);
    town.posts.length = 0;
    await town.change("update endpoint set dialect_options = $1", ['{"extended_events":true}']);
    await accept(...drafts);
    expect(said().sort()).toEqual(["message.read", "message.sent", "order.shipped"]);
    expect(JSON.parse(town.posts.at(-1)?.body ?? "")).toMatchObject({ data: expect.anything() });
  });

  test("gets no more than the one name that it asked for", async () => {
    await town.endpoint({ dialect: "chatgenius", events: ["reel_shared"] });
    await accept(
      sample("message.received", { channelKind: "instagram", content: "reel_share" }),
      sample("message.received", { channelKind: "instagram", content: "post_share" }),
      sample("message.received", { channelKind: "instagram" }),
    );
    expect(said()).toEqual(["reel_shared"]);
  });
});

describe("what an endpoint has chosen", () => {
  const asking = (...customFields: string[]) =>
    town.change("update endpoint set custom_fields = $1", [customFields]);
  const fields = () => town.posts.map(({ body }) => JSON.parse(body).customFields);

  test("shapes new deliveries, never the retries of an old one", async () => {
    const { url } = await town.endpoint({ dialect: "genesy", schedule: [5] });
    town.answers.set(url, () => refused(500));
    await accept(sample("outreach.replied"));
    await asking("leadCountry");
    await town.clock.advance(5_000);
    await accept(sample("outreach.replied"));
    expect(fields()).toHaveLength(3);
    expect(fields().filter(({ leadCountry }) => leadCountry === "PT")).toHaveLength(1);
  });

  test.each([
    ["had asked for nothing then", [], ["leadCountry"], {}],
    ["asked for more then", ["leadCountry"], [], { leadCountry: "PT" }],
  ])("a replay of what was delivered repeats its bytes: it %s", async (_, then, now, expected) => {
    await town.endpoint({ dialect: "genesy", customFields: then });
    await accept(sample("outreach.replied"));
    await asking(...now);
    const [{ id }] = (await desk.call("GET", "/deliveries")).body.data;
    expect(
      JSON.parse((await desk.call("GET", `/deliveries/${id}`)).body.request.body),
    ).toMatchObject({ customFields: expected });
    await desk.call("POST", `/deliveries/${id}/replay`);
    await desk.deliver();
    expect(fields()).toEqual([expected, expected]);
  });
});

test("an endpoint of Genesy's without a secret gets its events all the same", async () => {
  const { id } = await town.endpoint({ dialect: "genesy" });
  await town.change("delete from endpoint_secret where endpoint_id = $1", [id]);
  await accept(sample("outreach.replied"));
  expect(said()).toEqual(["MESSAGE_REPLIED"]);
  expect(Object.keys(town.posts[0]?.headers ?? {})).not.toContain("x-webhook-secret");
  const [{ id: delivery }] = (await desk.call("GET", "/deliveries")).body.data;
  const { request } = (await desk.call("GET", `/deliveries/${delivery}`)).body;
  expect(Object.keys(request.headers)).not.toContain("x-webhook-secret");
});

describe("a second dialect", () => {
  const shadowOf = async (query = "") => {
    const [{ id }] = (await desk.call("GET", "/deliveries")).body.data;
    return desk.call("GET", `/deliveries/${id}/shadow${query}`);
  };

  test("is shown beside what was sent, field by field, and nothing is sent in it", async () => {
    await town.endpoint({ dialect: "chatmefy" });
    await town.change("update endpoint set shadow_dialect = 'chatgenius'");
    await accept(sample("lead.created"));
    const { status, body } = await shadowOf();
    expect(status).toBe(200);
    expect(body.own).toEqual({
      ...{ dialect: "chatmefy", name: "lead.created" },
      body: town.posts[0]?.body,
    });
    expect(body.shadow).toMatchObject({ dialect: "chatgenius", name: "lead_captured" });
    expect(JSON.parse(body.shadow.body)).toMatchObject({
      lead: { email: "alice@company.example" },
    });
    expect(body.differences).toContainEqual({
      ...{ pointer: "/event", kind: "changed" },
      ...{ here: "lead.created", there: "lead_captured" },
    });
    expect(body.differences).toContainEqual(
      expect.objectContaining({ pointer: "/data", kind: "only_here" }),
    );
    expect(town.posts).toHaveLength(1);
  });

  test("can be named for one look, and says where it would send nothing", async () => {
    await town.endpoint();
    await accept(sample("message.read"));
    expect((await shadowOf("?dialect=dmtolead")).body.shadow).toMatchObject({
      dialect: "dmtolead",
      name: null,
    });
    expect((await shadowOf("?dialect=curlew")).body).toMatchObject({ differences: [] });
    expect(await shadowOf()).toMatchObject({ status: 422 });
    expect(await shadowOf("?dialect=esperanto")).toMatchObject({ status: 422 });
  });

  test("is no reason to show a delivery to whom it does not belong", async () => {
    await town.endpoint();
    await accept(town.draft());
    const [{ id }] = (await desk.call("GET", "/deliveries")).body.data;
    const path = `/deliveries/${id}/shadow?dialect=genesy`;
    const stranger = { workspaceId: town.ids.next() };
    expect(await desk.call("GET", path, undefined, stranger)).toMatchObject({ status: 404 });
  });
});

describe("the messages before an event", () => {
  /** Writes messages into a conversation, and gives the id of the last one. */
  async function say(conversationId: string, ...texts: string[]): Promise<string> {
    let id = "";
    for (const text of texts) {
      id = town.ids.next();
      const content = JSON.stringify(
        text === "" ? { type: "purged", original_type: "text" } : { type: "text", text },
      );
      await town.rows(
        `insert into message (id, workspace_id, channel_id, conversation_id, contact_id, direction, actor, status, content, created_at)
         select $1, workspace_id, channel_id, id, contact_id, 'inbound', 'contact', 'delivered', $3, now()
         from conversation where id = $2`,
        [id, conversationId, content],
      );
    }
    return id;
  }
  const receivedIn = (conversationId: string, messageId: string) => {
    const draft = sample("message.received", { channelKind: "instagram" });
    const data = {
      message: { id: publicId("msg", messageId), content: { type: "text", text: "now" } },
    };
    return { ...draft, conversationId, data };
  };
  const histories = () =>
    town.posts.map(({ body }) =>
      JSON.parse(body).history?.map(({ text }: { text: string }) => text),
    );

  test("come along where the endpoint asks for them, as they were, purged ones left out", async () => {
    const { url } = await town.endpoint({
      ...{ dialect: "chatgenius", schedule: [5] },
      dialectOptions: { history_messages: 3 },
    });
    await town.endpoint({ dialect: "chatgenius" });
    const conversationId = await town.conversation();
    const other = await town.conversation();
    await say(other, "elsewhere");
    const own = await say(conversationId, "one", "two", "", "four", "now");
    town.answers.set(url, () => refused(500));
    await accept(receivedIn(conversationId, own));
    await say(conversationId, "later");
    town.answers.set(url, () => ok);
    await town.clock.advance(5_000);
    await desk.deliver();
    const [{ id }] = (await desk.call("GET", "/deliveries?state=delivered")).body.data;
    await desk.call("POST", `/deliveries/${id}/replay`);
    await desk.deliver();
    const found = histories().filter((each) => each !== undefined);
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const each of found) expect(each).toEqual(["two", "four"]);
    expect(histories()).toContain(undefined);
  });

  test("are none when the conversation begins, and cost nothing where nobody asks", async () => {
    await town.endpoint({ dialect: "chatgenius", dialectOptions: { history_messages: 20 } });
    const conversationId = await town.conversation();
    await accept(receivedIn(conversationId, await say(conversationId, "now")));
    expect(histories()).toEqual([[]]);
    await town.change("update endpoint set dialect_options = '{}'");
    await accept(receivedIn(conversationId, await say(conversationId, "again")));
    const rows = await town.rows("select history from event order by id");
    expect(rows).toEqual([{ history: "[]" }, { history: null }]);
  });
});
