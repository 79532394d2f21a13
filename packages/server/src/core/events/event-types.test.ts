import { describe, expect, test } from "vitest";
import {
  EVENT_TYPES,
  isCatalogued,
  isEventSelector,
  isOwnType,
  nearestType,
} from "./event-types.ts";

describe("the catalogue", () => {
  test("has a line for every type, and marks what is about Curlew itself", () => {
    for (const { description } of EVENT_TYPES) expect(description).toMatch(/^[A-Z].*\.$/);
    expect(EVENT_TYPES.filter((each) => each.operational).map((each) => each.type)).toEqual([
      "endpoint.verified",
      "endpoint.tested",
      "endpoint.disabled",
      "delivery.dead_lettered",
      "secret.rotated",
    ]);
  });

  test("does not take what every object has for a type", () => {
    expect(isCatalogued("toString")).toBe(false);
    expect(isCatalogued("message.received")).toBe(true);
  });
});

describe("a type of one's own", () => {
  test.each(["order.shipped", "order.line_item.added", "a.1", "shop2.order.paid"])("%s", (type) => {
    expect(isOwnType(type)).toBe(true);
  });

  test.each([
    "order",
    "Order.shipped",
    "order.",
    ".shipped",
    "order..shipped",
    "order-line.added",
    "1order.shipped",
    "order.shipped\n",
    "message.recieved",
    "lead.won",
    `order.${"x".repeat(200)}`,
  ])("is not %j", (type) => {
    expect(isOwnType(type)).toBe(false);
  });
});

describe("an endpoint may list", () => {
  test.each(["*", "message.received", "message.*", "order.shipped", "order.*", "order.line.*"])(
    "%s",
    (text) => {
      expect(isEventSelector(text)).toBe(true);
    },
  );

  test.each([
    "",
    "**",
    "*.received",
    "message",
    "message.recieved",
    "message.foo.*",
    "messages",
    "order*",
  ])("but not %j", (text) => {
    expect(isEventSelector(text)).toBe(false);
  });
});

test.each([
  ["message.recieved", "message.received"],
  ["message_received", "message.received"],
  ["MESSAGE_RECEIVED", "message.received"],
  ["messageReceived", "message.received"],
  ["conversation.window-closed", "conversation.window_closed"],
  ["lead.create", "lead.created"],
  ["booking.noshow", "booking.no_show"],
  ["Order Shipped!", null],
  ["foo", null],
])("what was probably meant by %s is %s", (text, type) => {
  expect(nearestType(text)).toBe(type);
});
