import { describe, expect, test } from "vitest";
import { leftOutBy, type Subject, type Subscription, wants } from "./subscription.ts";

const everything: Subscription = {
  events: ["*"],
  channelKinds: [],
  channelIds: [],
  accountIds: [],
  campaignIds: [],
  ownerAccountId: null,
  matches: null,
  vocabulary: null,
};
const noBody = () => {
  throw new Error("nothing asked for the body");
};
const event: Subject = {
  type: "message.received",
  channelKind: "whatsapp",
  channelId: "ch-1",
  accountId: "acc-1",
  campaignId: null,
};

describe("an endpoint that listens to", () => {
  test.each<[readonly string[], string, boolean]>([
    [["*"], "message.received", true],
    [["*"], "order.shipped", true],
    [["*"], "delivery.dead_lettered", false],
    [["*"], "endpoint.disabled", false],
    [["*"], "secret.rotated", false],
    [[], "message.received", true],
    [[], "endpoint.disabled", false],
    [["endpoint.*"], "endpoint.disabled", true],
    [["delivery.dead_lettered"], "delivery.dead_lettered", true],
    [["*", "delivery.*"], "delivery.dead_lettered", true],
    [["message.received"], "message.received", true],
    [["message.received"], "message.read", false],
    [["message.*"], "message.read", true],
    [["message.*"], "messages.read", false],
    [["order.*"], "order.line.added", true],
    [["order.*"], "order", false],
    [["order.*"], "orders.shipped", false],
    [["lead.created", "order.*"], "order.shipped", true],
  ])("%j: %s → %s", (events, type, wanted) => {
    expect(wants({ ...everything, events }, { ...event, type }, noBody)).toBe(wanted);
  });
});

describe("an endpoint that filters", () => {
  test.each<[string, Partial<Subscription>, Partial<Subject>, boolean]>([
    ["by its kind of channel", { channelKinds: ["whatsapp"] }, {}, true],
    ["by another kind", { channelKinds: ["sms"] }, {}, false],
    ["by its channel", { channelIds: ["ch-1"] }, {}, true],
    ["by another channel", { channelIds: ["ch-2"] }, {}, false],
    [
      "by its kind or another channel",
      { channelKinds: ["whatsapp"], channelIds: ["ch-2"] },
      {},
      true,
    ],
    ["by another kind or its channel", { channelKinds: ["sms"], channelIds: ["ch-1"] }, {}, true],
    [
      "by kind, of an event without channel",
      { channelKinds: ["sms"] },
      { channelKind: null, channelId: null },
      false,
    ],
    ["by its account", { accountIds: ["acc-2", "acc-1"] }, {}, true],
    ["by another account", { accountIds: ["acc-2"] }, {}, false],
    ["by account, of an event without", { accountIds: ["acc-1"] }, { accountId: null }, false],
    ["by its campaign", { campaignIds: ["c1"] }, { campaignId: "c1" }, true],
    ["by campaign, of an event without", { campaignIds: ["c1"] }, {}, false],
    ["for its owner's account", { ownerAccountId: "acc-1" }, {}, true],
    ["for another owner", { ownerAccountId: "acc-2" }, {}, false],
    [
      "for an owner, of an event without account",
      { ownerAccountId: "acc-1" },
      { accountId: null },
      false,
    ],
    [
      "for another owner, whatever it names",
      { ownerAccountId: "acc-2", accountIds: ["acc-1"] },
      {},
      false,
    ],
    [
      "by two things of which one fits",
      { channelKinds: ["whatsapp"], accountIds: ["acc-2"] },
      {},
      false,
    ],
  ])("%s", (_, filter, change, wanted) => {
    expect(wants({ ...everything, ...filter }, { ...event, ...change }, noBody)).toBe(wanted);
  });

  test("by content is asked last, and only what its other filters let through", () => {
    const matches = (body: object) => "data" in body;
    const filtered = { ...everything, events: ["message.*"], matches };
    expect(wants(filtered, event, () => ({ data: {} }))).toBe(true);
    expect(leftOutBy(filtered, event, () => ({}))).toBe("filter");
    expect(leftOutBy(filtered, { ...event, type: "lead.created" }, noBody)).toBe("type");
  });
});

describe("an endpoint whose dialect has names of its own", () => {
  const ANY = { channels: null, contents: null, actors: null, media: null };
  const names = [
    { ...ANY, type: "message.received", name: "reel_shared", contents: ["reel_share"] },
    { ...ANY, type: "message.received", name: "sms.message_received", channels: ["sms"] },
    { ...ANY, type: "message.received", name: "message_received", channels: ["instagram", "none"] },
    { ...ANY, type: "message.sent", name: "message.sent", actors: ["ai"] },
    { ...ANY, type: "conversation.reopened", name: "conversation.started" },
    { ...ANY, type: "outreach.message_sent", name: "EMAIL", media: ["email"] },
  ];
  const received = (content: string, channelKind: string | null) => ({
    type: "message.received",
    channelKind,
    data: { message: { content: { type: content } } },
  });
  const reel = received("reel_share", "instagram");
  const sms = received("text", "sms");
  const direct = received("text", "instagram");
  const anywhere = received("text", null);
  const mail = received("email", "email");
  const byAi = { type: "message.sent", data: { message: { actor: { type: "ai" } } } };
  const byHand = { type: "message.sent", data: { message: { actor: { type: "agent" } } } };
  const read = { type: "message.read", data: {} };
  const reopened = { type: "conversation.reopened", data: {} };
  const emailed = { type: "outreach.message_sent", data: { channel: "email" } };
  const inmailed = { type: "outreach.message_sent", data: { channel: "inmail" } };
  const own = { type: "order.shipped", data: {} };
  const dead = { type: "delivery.dead_lettered", data: {} };

  test.each<[readonly string[], boolean, { type: string; data: object }, boolean]>([
    [["*"], false, reel, true],
    [["*"], false, sms, true],
    [["*"], false, anywhere, true],
    [["*"], false, mail, false],
    [["*"], false, byAi, true],
    [["*"], false, byHand, false],
    [["*"], false, read, false],
    [["*"], false, own, false],
    [["*"], false, reopened, true],
    [["*"], false, emailed, true],
    [["*"], false, inmailed, false],
    [["reel_shared"], false, reel, true],
    [["reel_shared"], false, direct, false],
    [["sms.message_received"], false, sms, true],
    [["sms.message_received"], false, direct, false],
    [["message.received"], false, reel, true],
    [["message.received"], false, direct, true],
    [["message.*"], false, sms, true],
    [["message.*"], false, reopened, false],
    [["message.read"], false, read, false],
    [["conversation.started"], false, reopened, true],
    [["*"], true, mail, true],
    [["*"], true, read, true],
    [["*"], true, own, true],
    [["*"], true, dead, false],
    [["delivery.dead_lettered"], true, dead, true],
    [["delivery.dead_lettered"], false, dead, false],
    // A name stays what the dialect means by it: `message.sent` is a bot's.
    [["*"], true, byHand, false],
    [["message.sent"], true, byHand, false],
    [["reel_shared"], true, read, false],
  ])("%j, extended %s: %j → %s", (events, extended, { data, ...what }, wanted) => {
    const subscription = { ...everything, events, vocabulary: { names, extended } };
    expect(wants(subscription, { ...event, ...what }, () => ({ data }))).toBe(wanted);
  });
});
