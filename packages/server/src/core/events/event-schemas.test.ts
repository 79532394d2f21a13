import { Validator } from "@cfworker/json-schema";
import { describe, expect, test } from "vitest";
import { schemaProblems } from "../json/json-schema-rules.ts";
import { sampleDraft } from "../samples/event-samples.ts";
import { sampleContent } from "../samples/sample-content.ts";
import { EVENT_SCHEMAS } from "./event-schemas.ts";
import { EVENT_TYPES } from "./event-types.ts";

const TYPES = EVENT_TYPES.map(({ type }) => type);
const o = {
  now: Date.parse("2026-11-21T10:00:00.123Z"),
  workspaceId: "018cd4a0-0000-7000-8000-0000000000aa",
};
const errorsOf = (type: string, data: unknown) =>
  new Validator(EVENT_SCHEMAS[type] ?? false, "2020-12", false).validate(data).errors;

describe("the schema of an event's data", () => {
  test("exists for every type of the catalogue, and for nothing else", () => {
    expect(Object.keys(EVENT_SCHEMAS).sort()).toEqual([...TYPES].sort());
  });

  test.each(TYPES)("of %s is one that a workspace could have written", (type) => {
    expect(schemaProblems(EVENT_SCHEMAS[type])).toEqual([]);
  });

  test.each(TYPES)("lets the sample of %s in", (type) => {
    expect(errorsOf(type, sampleDraft(type, o).data)).toEqual([]);
  });

  test.each(["whatsapp", "messenger", "instagram", "sms", "email"])(
    "lets every content that %s has in",
    (channelKind) => {
      const contents = [
        "text",
        "image",
        "location",
        "contacts",
        "order",
        "email",
        "purged",
      ] as const;
      for (const type of contents) {
        const message = { content: sampleContent(type, channelKind) };
        expect(errorsOf("message.received", { message }), type).toEqual([]);
      }
    },
  );

  test.each([
    ["lead.created", {}, "#"],
    ["lead.created", { lead: { email: 7 } }, "#/lead/email"],
    ["booking.created", { booking: { starts_at: "tomorrow" } }, "#/booking/starts_at"],
    ["message.received", { message: { content: { type: "text" } } }, "#/message/content"],
    ["message.received", { message: { content: { type: "txet" } } }, "#/message/content/type"],
    ["outreach.replied", { message: "Yes" }, "#/message"],
    ["outreach.post_liked", { contact: {} }, "#"],
    ["outreach.connection_sent", { contact: "Alice" }, "#/contact"],
  ])("keeps out %s with %j, and says where it is wrong", (type, data, place) => {
    expect(errorsOf(type, data).map((error) => error.instanceLocation)).toContain(place);
  });

  test("lets in what it does not name", () => {
    expect(
      errorsOf("lead.created", { lead: { email: "a@b.example", tier: "gold" }, via: 1 }),
    ).toEqual([]);
  });
});
