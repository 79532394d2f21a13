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
