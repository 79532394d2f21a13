import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wanted } from "../../src/channels/meta/items.ts";
import { parseMeta } from "../../src/channels/parse-meta.ts";
import {
  type InboxWorld,
  metaRequest,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world.end());

/** What databases stumble over, among what is harmless. */
const nasty = fc.oneof(
  fc.jsonValue(),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\udfff\ud800x",
    "\u0001".repeat(600),
    "x".repeat(511),
    "\u{10ffff}".repeat(300),
    "９".repeat(512),
    "15550199001",
    "+15550199001",
    "999999999999999999999999",
    "-62135596800",
    "8640000000000000",
    "Infinity",
    "1e308",
    "'; drop table message; --",
    '{"a":1}',
    "{NULL}",
    "__proto__",
  ),
);

const message = fc.record(
  {
    id: nasty,
    from: nasty,
    from_user_id: nasty,
    timestamp: nasty,
    type: fc.oneof(fc.constantFrom("text", "reaction", "edit", "revoke", "system", "image"), nasty),
    reaction: fc.oneof(fc.record({ message_id: nasty, emoji: nasty }), nasty),
    edit: fc.record({
      original_message_id: nasty,
      message: fc.record({ type: nasty, text: nasty }),
    }),
    revoke: fc.record({ original_message_id: nasty }),
    system: fc.record({ type: nasty, wa_id: nasty, user_id: nasty, body: nasty }),
    image: fc.oneof(fc.record({ id: nasty, caption: nasty, mime_type: nasty }), nasty),
    referral: fc.oneof(fc.record({ source_url: nasty, headline: nasty }), nasty),
    text: fc.oneof(fc.record({ body: nasty }), nasty),
    context: fc.oneof(fc.record({ id: nasty }), nasty),
  },
  { requiredKeys: [] },
);

const status = fc.record(
  {
    id: fc.oneof(fc.constant("wamid.ours"), nasty),
    status: fc.constantFrom("sent", "delivered", "read", "failed", "played"),
    timestamp: nasty,
    recipient_id: nasty,
    recipient_user_id: nasty,
    biz_opaque_callback_data: nasty,
    errors: fc.array(
      fc.record({
        code: nasty,
        title: nasty,
        message: nasty,
        error_data: fc.record({ details: nasty }),
      }),
    ),
    pricing: fc.record({ category: nasty, billable: nasty }),
  },
  { requiredKeys: ["status"] },
);

const contact = fc.record(
  { profile: fc.record({ name: nasty, username: nasty }), wa_id: nasty, user_id: nasty },
  { requiredKeys: [] },
);

describe("what nobody would send", () => {
  test("never makes the database refuse a request, and costs its neighbours nothing", async () => {
    const ours = await world.outbound("sent");
    await world.rows(
      "insert into provider_ref (channel_id, kind, provider_id, message_id) values ($1, 'message', 'wamid.ours', $2)",
      [world.channels[SHOP]?.id, ours.id],
    );
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 4 }),
        fc.array(status, { maxLength: 4 }),
        fc.array(contact, { maxLength: 3 }),
        async (messages, statuses, contacts) => {
          const good = world.text(`wamid.good.${n++}`, "good");
          const request = metaRequest({
            [SHOP]: { contacts, messages: [...messages, good], statuses },
          });
          const [outcome] = await world.take(request);
          const {
            messages: taken = 0,
            duplicates = 0,
            statuses: heard = 0,
            waiting = 0,
            facts = 0,
            unroutable = 0,
          } = outcome ?? {};
          expect(taken + duplicates + heard + waiting + facts + unroutable).toBe(
            request.items.length,
          );
          const kept = await world.rows("select id from message where provider_id = $1", [good.id]);
          expect(kept).toHaveLength(1);
        },
      ),
      { numRuns: 60 },
    );
    for (const { body } of await world.events()) {
      expect(JSON.parse(JSON.stringify(body))).toEqual(body);
    }
  }, 60_000);

  test("any JSON at all is taken or kept", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const items = wanted(parseMeta(new TextEncoder().encode(body)));
        const [outcome] = await world.take({ provider: "meta", items, onlyChannelId: null });
        expect(outcome?.unroutable).toBe(items.length);
      }),
      { numRuns: 30 },
    );
  });
});
