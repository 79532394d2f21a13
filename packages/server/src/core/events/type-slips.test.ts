import { describe, expect, test } from "vitest";
import { areNear, meantBy } from "./type-slips.ts";

describe("a type of one's own that looks like another", () => {
  test.each([
    ["mesage.received", "message.received"],
    ["messages.received", "message.received"],
    ["massage.received", "message.received"],
    ["messgae.recieved", "message.received"],
    ["leads.created", "lead.created"],
    ["laed.created", "lead.created"],
    ["conversaton.window_closeing", "conversation.window_closing"],
    ["order.shiped", "order.shipped"],
    ["mesage.*", "message.*"],
    ["ordr.*", "order.*"],
    ["order.line.ad", "order.line.add"],
  ])("%s is probably meant to be %s", (text, meant) => {
    expect(meantBy(text, ["order.shipped", "order.line.add"])).toBe(meant);
  });

  test.each([
    ["order.placed", "is not near to any"],
    ["load.created", "is another word: it is short, and a letter is another one"],
    ["order.created", "shares an ending with many"],
    ["content.updated", "is two letters off"],
    ["received.mesage", "has its parts the other way"],
    ["mesage.received.again", "has more parts"],
    ["order.shipped", "was described"],
    ["message.received", "is of the catalogue"],
    ["order.*", "stands for what was described"],
    ["message.*", "stands for the catalogue's"],
    ["invoice.*", "is not near to any"],
  ])("%s is taken at its word: it %s", (text) => {
    expect(meantBy(text, ["order.shipped"])).toBeNull();
  });
});

test("a prefix is near to a type that is near to what it stands for, and to nothing that it does stand for", () => {
  expect(areNear("mesage.received", "message.*")).toBe(true);
  expect(areNear("message.*", "mesage.received")).toBe(true);
  expect(areNear("message.received", "message.*")).toBe(false);
  expect(areNear("*", "message.received")).toBe(false);
});
