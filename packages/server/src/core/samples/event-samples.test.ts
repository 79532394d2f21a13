import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "../events/event-types.ts";
import { parseId } from "../ids.ts";
import { sampleBody, sampleDraft } from "./event-samples.ts";
import { SAMPLES } from "./sample-data.ts";

const WORKSPACE = "018cd4a0-0000-7000-8000-0000000000aa";
const EVENT = "018cd4a0-0000-7000-8000-0000000000bb";
const now = Date.parse("2026-11-21T10:00:00.123Z");
const sampleOf = (type: string) => sampleDraft(type, { now, workspaceId: WORKSPACE });

describe("a sample", () => {
  test("exists of every type of the catalogue, and of nothing else", () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(EVENT_TYPES.map(({ type }) => type).sort());
  });

  test.each(EVENT_TYPES.map(({ type }) => type))("of %s is a whole event", (type) => {
    const draft = sampleOf(type);
    const text = sampleBody(draft, EVENT);
    expect(JSON.stringify(JSON.parse(text)), "nothing in it is lost as JSON").toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      type,
      id: expect.stringMatching(/^evt_/),
      occurred_at: "2026-11-21T10:00:00.123Z",
    });
    expect(Object.keys(draft.data)).not.toEqual([]);
    // It is recorded like any other: it must refer to nothing that is not there.
    expect(draft).toMatchObject({ conversationId: null, channelId: null, accountId: null });
  });

  test("of an inbound message looks as a real one does", () => {
    const draft = sampleOf("message.received");
    expect(draft.data).toMatchObject({ message: { status: "received" } });
    expect(JSON.parse(sampleBody(draft, EVENT)).conversation.window).toEqual({
      free_form_until: "2026-11-22T10:00:00.123Z",
      human_agent_until: null,
    });
  });

  test("shows ids that are ids", () => {
    const text = JSON.stringify(EVENT_TYPES.map(({ type }) => sampleOf(type)));
    const ids = [...text.matchAll(/"((?:msg|cnv|con|ch|acc|ep)_[0-9a-z]+)"/g)].map(
      ([, id]) => id ?? "",
    );
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) {
      const prefix = id.slice(0, id.indexOf("_")) as "msg"; // one of those above
      expect(parseId(prefix, id), id).not.toBeNull();
    }
  });

  test("is what was wished for", () => {
    const o = { now, workspaceId: WORKSPACE };
    expect(sampleDraft("message.received", o, { channelKind: "sms" }).data).toMatchObject({
      message: { content: { type: "text", encoding: "GSM-7", segments: 1 } },
    });
    expect(
      sampleDraft("message.received", o, { channelKind: "instagram", content: "reel_share" }),
    ).toMatchObject({
      channelKind: "instagram",
      data: { message: { content: { type: "reel_share", share: { url: expect.any(String) } } } },
    });
    expect(sampleDraft("outreach.message_sent", o, { medium: "email" })).toMatchObject({
      channelKind: "email",
      data: {
        channel: "email",
        message: { content: { type: "email" }, actor: { type: "campaign" } },
      },
    });
  });
});
