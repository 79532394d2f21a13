import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InboundOutcome } from "../../src/core/messages/inbound.ts";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import { noting } from "../support/database/noting.ts";
import { openTown, type Town } from "../support/engine/town.ts";
import { ADA, metaRequest } from "../support/messages/inbox-world.ts";

/** The address of the town's channel, and the secret of its endpoints. */
const SHOP = "15550001";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const text = (id: string, from = ADA) => ({ id, from, type: "text", text: { body: `${id} ☀` } });
const request = (...messages: object[]) => metaRequest({ [SHOP]: { messages } });
const sum = (outcomes: readonly InboundOutcome[], what: keyof InboundOutcome) =>
  outcomes.reduce((total, outcome) => total + outcome[what], 0);

describe("what a customer writes", () => {
  test("reaches an endpoint as signed webhooks, in the order of the conversation", async () => {
    await town.endpoint({ events: ["message.received", "conversation.created"] });
    const engine = await town.engine();
    const inbox = engine.makeAcceptor(inboxSpec());
    expect(await inbox.accept(request(text("wamid.1")))).toMatchObject({ messages: 1 });
    await engine.quiet();
    expect(town.posts).toHaveLength(2);
    const verifier = new Webhook(SECRET);
    const bodies = town.posts
      .map((post) => JSON.parse(post.body))
      .sort((a, b) => a.conversation.seq - b.conversation.seq);
    for (const { body, headers } of town.posts) {
      expect(JSON.stringify(JSON.parse(body))).toBe(body);
      expect(headers["webhook-signature"]).toBe(
        verifier.sign(
          headers["webhook-id"] ?? "",
          new Date(Number(headers["webhook-timestamp"]) * 1000),
          body,
        ),
      );
    }
    expect(bodies).toMatchObject([
      { type: "conversation.created", conversation: { seq: 1 } },
      {
        type: "message.received",
        conversation: { seq: 2 },
        channel: { external_id: SHOP },
        contact: { identities: [{ id: ADA }] },
        data: { message: { content: { text: "wamid.1 ☀" } } },
      },
    ]);
  });

  test("costs ten statements of somebody who is known, however many write at once", async () => {
    const statements: string[] = [];
    const connections = noting(town.database.connections, statements);
    const inbox = (await town.engine({ connections })).makeAcceptor(inboxSpec());
    const people = Array.from({ length: 40 }, (_, n) => `155501992${n + 10}`);
    for (const from of people) await inbox.accept(request(text(`wamid.1.${from}`, from)));
    statements.length = 0;
    await Promise.all(people.map((from) => inbox.accept(request(text(`wamid.2.${from}`, from)))));
    expect(statements).toEqual([
      "fence",
      "route_addresses",
      "find_identities",
      "insert_provider_refs",
      "take_waiting_for",
      "insert_messages",
      "lock_conversation_states",
      "read_contacts",
      "append_events",
      "note_inbound",
    ]);
  });

  test("opens what was closed, in the same writing as the numbers of what tells of it", async () => {
    const inbox = (await town.engine()).makeAcceptor(inboxSpec());
    await inbox.accept(request(text("wamid.1"), text("wamid.2", "15550199777")));
    await town.rows("update conversation set status = 'closed', closed_at = created_at");
    await inbox.accept(request(text("wamid.3")));
    const conversations = await town.rows(
      `select status, closed_at is null as "isOpen", last_inbound_at is not null as "hasWindow", c.seq,
         (select array_agg(type order by seq) from event where conversation_id = c.id) as types,
         last_event_id = (select id from event where conversation_id = c.id and seq = c.seq) as "isLast"
       from conversation c order by c.seq desc`,
    );
    expect(conversations).toEqual([
      {
        ...{ status: "open", isOpen: true, hasWindow: true, seq: 4, isLast: true },
        types: [
          ...["conversation.created", "message.received"],
          ...["conversation.reopened", "message.received"],
        ],
      },
      {
        ...{ status: "closed", isOpen: false, hasWindow: true, seq: 2, isLast: true },
        types: ["conversation.created", "message.received"],
      },
    ]);
  });

  test("comes in once, whatever two processes are given at the same time", async () => {
    const engines = [await town.engine(), await town.engine()];
    const inboxes = engines.map((engine) => engine.makeAcceptor(inboxSpec()));
    const people = Array.from({ length: 10 }, (_, n) => `1555019920${n}`);
    const requests = Array.from({ length: 40 }, (_, n) =>
      request(...people.map((from, k) => text(`wamid.${n % 8}.${from}`, people[(k + n) % 10]))),
    );
    const outcomes = await Promise.all(
      requests.flatMap((each) => inboxes.map((inbox) => inbox.accept(each))),
    );
    expect(sum(outcomes, "messages")).toBe(80);
    expect(sum(outcomes, "duplicates")).toBe(720);
    const [counts] = await town.rows(
      `select (select count(*)::int from message) as messages, (select count(*)::int from contact) as contacts,
         (select count(*)::int from conversation) as conversations,
         (select count(*)::int from event where type = 'message.received') as received,
         (select count(*)::int from event where type = 'conversation.created') as created`,
    );
    expect(counts).toEqual({
      messages: 80,
      contacts: 10,
      conversations: 10,
      received: 80,
      created: 10,
    });
    const first = await town.rows(
      "select distinct on (conversation_id) type from event order by conversation_id, seq",
    );
    expect(first).toEqual(Array.from({ length: 10 }, () => ({ type: "conversation.created" })));
    const gaps = await town.rows(
      "select 1 from event group by conversation_id having max(seq) <> count(*)",
    );
    expect(gaps).toEqual([]);
  });
});
