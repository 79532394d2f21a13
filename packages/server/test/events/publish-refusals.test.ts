import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { type Desk, openDesk } from "../support/engine/desk.ts";
import { openTown, type Town } from "../support/engine/town.ts";

// What is refused leaves nothing behind, so that one town is enough for all.
let town: Town;
let desk: Desk;
beforeAll(async () => {
  town = await openTown();
  desk = await openDesk(town);
});
afterAll(() => town.end());

const shipped = { type: "order.shipped", data: { number: 17 } };
const publish = (body: unknown) => desk.call("POST", "/events", body);
const count = async () => (await town.rows("select from event")).length;

function withId(field: string, prefix: "acc" | "ch" | "cnv") {
  return { ...shipped, [field]: publicId(prefix, "01890a5d-ac96-774b-bcce-b302099a8057") };
}

describe("a published event", () => {
  test.each([
    ["of Curlew itself", "endpoint.tested", "for Curlew itself"],
    ["of Curlew itself, made up", "secret.leaked", "for Curlew itself"],
    ["a slip of the pen", "message.recieved", "message.received"],
    ["without a dot", "shipped", "like order.shipped"],
    ["ChatGenius's name", "lead_captured", "chatgenius calls it; did you mean lead.created?"],
    ["ChatGenius's short name", "booking", "chatgenius calls it; did you mean booking.created?"],
    ["Chatmefy's name", "conversation.handoff", "did you mean handoff.requested?"],
    ["Genesy's name", "POST_LIKED", "genesy calls it; did you mean outreach.post_liked?"],
    ["in upper case", "Order.Shipped", "like order.shipped"],
  ])("is refused when its type is %s", async (_, type, detail) => {
    const answer = await publish({ type, data: {} });
    expect(answer).toMatchObject({ status: 422, body: { code: "unknown_event_type" } });
    expect(answer.body.errors).toEqual([
      { pointer: "/type", detail: expect.stringContaining(detail) },
    ]);
    expect(await count()).toBe(0);
  });

  test.each([
    ["without data", { type: "a.b" }, "/data"],
    ["with data that is a list", { type: "a.b", data: [] }, "/data"],
    ["with a field that is not known", { ...shipped, to: "x" }, "/to"],
    ["with an account that is not there", withId("account_id", "acc"), "/account_id"],
    ["with a channel that is not there", withId("channel", "ch"), "/channel"],
    ["with a channel of no kind", { ...shipped, channel: "fax" }, "/channel"],
    ["with a conversation that is not there", withId("conversation_id", "cnv"), "/conversation_id"],
    ["with an empty key", { ...shipped, idempotency_key: "" }, "/idempotency_key"],
    ["that is a number", 17, ""],
    ["that is an empty list", [], ""],
  ])("%s is refused, and the field pointed at", async (_, body, pointer) => {
    const answer = await publish(body);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(answer.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
    expect(await count()).toBe(0);
  });

  test.each([
    ["is missing", { type: "a.b" }],
    ["must be an object", { type: "a.b", data: "x" }],
  ])("is told of its data that it %s", async (detail, body) => {
    expect((await publish(body)).body.errors).toEqual([{ pointer: "/data", detail }]);
  });

  test.each([
    ["lead.created", { lead: {} }],
    ["booking.no_show", { booking: {} }],
    ["handoff.requested", { handoff: {} }],
    ["my_app.v2.thing_done", {}],
  ])("may be of type %s", async (type, data) => {
    expect(await publish({ type, data })).toMatchObject({ status: 202 });
  });
});
