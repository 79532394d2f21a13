import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { inboxSpec } from "../../src/inbox/inbox.ts";
import {
  ADA,
  type InboxWorld,
  metaRequest,
  openInboxWorld,
  SHOP,
} from "../support/messages/inbox-world.ts";
import type { OpenRecording } from "../support/messages/recording.ts";
import { until } from "../support/until.ts";

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterEach(async () => {
  await world.rows(
    "truncate event, message, provider_ref, unroutable, outbox, conversation, identity, contact cascade",
  );
});
afterAll(() => world.end());

let made = 0;
/** A message from whoever these names are. */
const from = (names: { from?: string; from_user_id?: string }, id = `wamid.p${++made}`) =>
  world.text(id, "x", { from: "", ...names });
const request = (...messages: object[]) => metaRequest({ [SHOP]: { messages } });
const run = (recording: OpenRecording, ...messages: object[]) =>
  inboxSpec().run(recording, [request(...messages)]);

const BSUID = "DE.7700000000000000001";
const both = { from: ADA, from_user_id: BSUID };

const contacts = () => world.rows<{ id: string }>("select id from contact");
const conversationsOf = async () =>
  (await world.events())
    .filter(({ type }) => type === "message.received")
    .map(({ conversationId }) => conversationId);

describe("who wrote", () => {
  test("is known by a name that is no telephone number", async () => {
    await world.take(request(from({ from_user_id: BSUID })));
    await world.take(request(from({ from_user_id: BSUID })));
    expect(await contacts()).toHaveLength(1);
    expect((await world.last()).contact.identities).toEqual([
      { channel: "whatsapp", kind: "bsuid", id: BSUID, username: null },
    ]);
  });

  test.each([
    ["with both names first", [both, { from: ADA }, { from_user_id: BSUID }]],
    ["with the number first", [{ from: ADA }, both, { from_user_id: BSUID }]],
    ["with the other name first", [{ from_user_id: BSUID }, both, { from: ADA }]],
  ])("is one contact in one conversation, %s", async (_, messages) => {
    for (const each of messages) await world.take(request(from(each)));
    expect(await contacts()).toHaveLength(1);
    expect(new Set(await conversationsOf()).size).toBe(1);
  });

  test("is one contact when one request tells it all, in any order", async () => {
    await world.take(request(from({ from: ADA }), from({ from_user_id: BSUID }), from(both)));
    expect(await contacts()).toHaveLength(1);
    expect(await world.types()).toEqual([
      "conversation.created",
      ...Array.from({ length: 3 }, () => "message.received"),
    ]);
  });

  test("is one person from the moment on that one payload gives both names of two contacts", async () => {
    await world.take(request(from({ from: ADA })));
    await world.take(request(from({ from_user_id: BSUID })));
    const [older, younger] = await conversationsOf();
    await world.take(request(from(both)));
    await world.take(request(from({ from_user_id: BSUID })), request(from({ from: ADA })));
    expect((await conversationsOf()).slice(2)).toEqual([older, older, older]);
    expect(younger).not.toBe(older);
    const merged = (await world.events()).filter(({ type }) => type === "contact.merged");
    expect(merged).toHaveLength(1);
    expect(merged[0]?.body.data.surviving?.id).toBe(merged[0]?.body.contact.id);
    expect(merged[0]?.body.contact.identities).toHaveLength(2);
    expect(await contacts()).toHaveLength(2);
  });

  test("gets the name that they give themselves, and the one that was first stays", async () => {
    const named = (name: string, username?: string) =>
      metaRequest({
        [SHOP]: {
          contacts: [{ profile: { name, username }, wa_id: ADA }],
          messages: [from({ from: ADA })],
        },
      });
    await world.take(request(from({ from: ADA })));
    await world.take(named("Ada"));
    await world.take(named("Ada Lovely", "ada.l"));
    const { contact } = await world.last();
    expect(contact).toMatchObject({ name: "Ada", identities: [{ username: "ada.l" }] });
  });
});

/** Resolves when this transaction waits for another one. */
const waits = ({ pid }: OpenRecording) =>
  until("a transaction waits for another", async () => {
    const [row] = await world.rows<{ waits: boolean }>(
      "select cardinality(pg_blocking_pids($1)) > 0 as waits",
      [pid],
    );
    return row?.waits === true;
  });

describe("two processes that meet the same stranger at once", () => {
  /** The second transaction runs into the first, waits, and goes on when the first has ended. */
  async function collide(
    first: object[],
    second: object[],
    end: "commit" | "rollback" = "commit",
  ): Promise<void> {
    const [a, b] = [await world.begin(), await world.begin()];
    await run(a, ...first);
    const waiting = run(b, ...second);
    await waits(b);
    await a[end]();
    await waiting;
    await b.commit();
  }

  test("agree on one contact and one conversation", async () => {
    await collide([from({ from: ADA })], [from({ from: ADA })]);
    expect(await contacts()).toHaveLength(1);
    expect(new Set(await conversationsOf()).size).toBe(1);
    expect((await world.types()).filter((type) => type === "conversation.created")).toHaveLength(1);
    expect((await world.events()).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test("agree when one of them knows one name more", async () => {
    await collide([from({ from: ADA })], [from(both)]);
    expect(await contacts()).toHaveLength(1);
    expect(new Set(await conversationsOf()).size).toBe(1);
    await world.take(request(from({ from_user_id: BSUID })));
    expect(new Set(await conversationsOf()).size).toBe(1);
  });

  test("take a message that both were given once", async () => {
    await collide([from({ from: ADA }, "wamid.same")], [from({ from: ADA }, "wamid.same")]);
    expect(await conversationsOf()).toHaveLength(1);
  });

  test("take it in the second when the first came to nothing", async () => {
    await collide(
      [from({ from: ADA }, "wamid.same")],
      [from({ from: ADA }, "wamid.same")],
      "rollback",
    );
    expect(await contacts()).toHaveLength(1);
    expect(await conversationsOf()).toHaveLength(1);
  });

  test("agree on a conversation where only the contact was known", async () => {
    await world.take(request(from({ from: ADA })));
    await world.rows("truncate event, message, conversation");
    await collide([from({ from: ADA })], [from({ from: ADA })]);
    expect(await world.types()).toEqual([
      "conversation.created",
      "message.received",
      "message.received",
    ]);
  });

  /**
   * The first takes `a` and is held up at `m`, which a third one has; the second names `z` before
   * `a`. If it took them in that order, each would wait for the other once `m` is free.
   */
  test.each([
    ["people", (name: string) => from({ from_user_id: name })],
    ["messages", (name: string, who: string) => from({ from_user_id: `${who}.${name}` }, name)],
  ])("never wait for each other in a circle over %s", async (_, of) => {
    const [third, first, second] = [await world.begin(), await world.begin(), await world.begin()];
    await run(third, of("m", "third"));
    const one = run(first, of("a", "first"), of("m", "first"), of("z", "first"));
    await waits(first);
    const two = run(second, of("z", "second"), of("a", "second"));
    await waits(second);
    await third.rollback();
    await one;
    await first.commit();
    await two;
    await second.commit();
    expect(new Set((await conversationsOf()).filter(Boolean)).size).toBe(3);
  });

  test("never wait for each other in a circle, however their strangers overlap", async () => {
    const people = Array.from({ length: 40 }, (_, n) => ({
      from: `1555000${String(n).padStart(4, "0")}`,
      from_user_id: `DE.${n}`,
    }));
    const shuffled = (seed: number) =>
      [...people].sort((a, b) => hash(a.from, seed) - hash(b.from, seed)).map((each) => from(each));
    const takes = Array.from({ length: 6 }, (_, n) => world.take(request(...shuffled(n))));
    for (const [outcome] of await Promise.all(takes)) expect(outcome?.messages).toBe(40);
    expect(await contacts()).toHaveLength(40);
  });
});

function hash(text: string, seed: number): number {
  let value = seed + 1;
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 1_000_003;
  return value;
}
