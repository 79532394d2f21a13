import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { sendRoutes } from "../../src/http/send/send.ts";
import { claimKeys, type KeyClaim, readKeys } from "../../src/storage/idempotency.ts";
import type { Answer } from "../support/api/api.ts";
import { httpApp, jsonRequest, principalWith } from "../support/api/http.ts";
import {
  ADA,
  accepted,
  BEN,
  held,
  lost,
  openPostOffice,
  type PostOffice,
  refusedBy,
  type Station,
} from "../support/messages/post-office.ts";
import { until } from "../support/until.ts";

const HOUR_MS = 3_600_000;
const ROUTE = "POST /v1/send";

let office: PostOffice;
let station: Station;
let conversation: string;
beforeEach(async () => {
  office = await openPostOffice();
  station = await office.station();
  conversation = publicId("cnv", (await office.hear(station)).conversationId);
});
afterEach(() => office.end());

async function send(
  body: object | string,
  key?: string,
  { at = station, prefer }: { at?: Station; prefer?: string } = {},
): Promise<Answer> {
  const { outbox, deps } = at;
  const { db, clock, logger, linkMedia } = deps;
  const app = httpApp({
    principal: { ...principalWith(), workspaceId: office.workspaceId },
    routes: [sendRoutes({ db, outbox, clock, logger, linkMedia })],
  });
  const init = jsonRequest("POST", body);
  const response = await app.request("/v1/send", {
    ...init,
    headers: {
      ...init.headers,
      ...(key === undefined ? {} : { "idempotency-key": key }),
      ...(prefer === undefined ? {} : { prefer }),
    },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const hello = () => ({ conversation_id: conversation, text: "Hello" });
const replayed = (answer: Answer) => answer.headers.get("idempotent-replayed");
const keys = () =>
  office.rows<{ key: string; status: number | null; expiresAt: number | null }>(
    `select key, status, expires_at as "expiresAt" from idempotency order by key`,
  );

describe("a request that is repeated with its key", () => {
  test("gets the answer that was given, and nothing is sent twice", async () => {
    const first = await send(hello(), "k1");
    expect(first).toMatchObject({ status: 200, body: { duplicate: false } });
    expect(replayed(first)).toBeNull();
    const again = await send(hello(), "k1");
    expect(again).toMatchObject({ status: 200, body: { ...first.body, duplicate: true } });
    expect(replayed(again)).toBe("true");
    expect(office.requests).toHaveLength(1);
  });

  test("is the same however its members are ordered and wherever its key stands", async () => {
    await send(`{"conversation_id":"${conversation}","text":"Hello"}`, "k1");
    const again = await send(
      `{ "text": "Hel\\u006co", "idempotency_key": "k1", "conversation_id": "${conversation}" }`,
    );
    expect(replayed(again)).toBe("true");
    expect(office.requests).toHaveLength(1);
  });

  test("and another body is refused", async () => {
    await send(hello(), "k1");
    expect(await send({ ...hello(), text: "Goodbye" }, "k1")).toMatchObject({
      status: 422,
      body: { code: "idempotency_key_reused" },
    });
    expect(office.requests).toHaveLength(1);
  });

  test("gets the provider's refusal again, in the same words", async () => {
    office.script(() => refusedBy(131026, 400, "Message Undeliverable."));
    const first = await send(hello(), "k1");
    office.script(() => accepted("wamid.2"));
    const again = await send(hello(), "k1");
    expect(again.status).toBe(422);
    expect(again.body).toEqual({ ...first.body, request_id: again.body.request_id });
    expect(replayed(again)).toBe("true");
    expect(office.requests).toHaveLength(1);
  });

  test("is told so while the first is still running", async () => {
    const provider = held();
    office.script(provider.script);
    const first = send(hello(), "k1");
    await provider.arrived;
    const again = await send(hello(), "k1");
    expect(again).toMatchObject({ status: 409, body: { code: "idempotency_in_progress" } });
    expect(again.headers.get("retry-after")).toBe("1");
    provider.give(accepted("wamid.1"));
    expect((await first).status).toBe(200);
  });

  test("after a 202 hears how the message stands", async () => {
    const provider = held();
    office.script(provider.script);
    expect((await send(hello(), "k1", { prefer: "respond-async" })).status).toBe(202);
    await provider.arrived;
    const meanwhile = await send(hello(), "k1");
    expect(meanwhile).toMatchObject({ status: 202, body: { status: "sending", duplicate: true } });
    provider.give(accepted("wamid.1"));
    await station.outbox.runOnce();
    const later = await send(hello(), "k1");
    expect(later).toMatchObject({ status: 200, body: { provider_message_id: "wamid.1" } });
    expect(replayed(later)).toBe("true");
    expect(office.requests).toHaveLength(1);
  });

  test("is replayed although it would be refused today", async () => {
    await send(hello(), "k1");
    await office.clock.advance(23 * HOUR_MS);
    await office.rows("update channel set deleted_at = now()");
    expect(await send(hello(), "k1")).toMatchObject({ status: 200, body: { duplicate: true } });
  });
});

describe("a request whose process was killed", () => {
  test.each([
    ["after the provider had it", "sending", 202],
    ["before the provider's word came", "delivered", 200],
    ["after the provider refused it", "failed", 422],
  ])("%s: the key answers with the message's state", async (_, status, code) => {
    const unit = office.unit(await office.hear(station), "Hello");
    const hash = createHash("sha256")
      .update(JSON.stringify({ conversation_id: conversation, text: "Hello" }))
      .digest();
    const id = await office.post(station, { ...unit, key: { key: "k1", hash } });
    const provider = held();
    office.script(provider.script);
    station.outbox.begin(id);
    await provider.arrived;
    if (status === "failed") {
      provider.give(refusedBy(131026));
      await station.outbox.runOnce();
    }
    const other = await office.station();
    expect(await send(hello(), "k1", { at: other })).toMatchObject(
      status === "failed" ? { status: 422 } : { status: 409 },
    );
    await office.clock.advance(12_000);
    if (status === "delivered") {
      const timestamp = String(Math.trunc(office.clock.now() / 1000));
      const token = { biz_opaque_callback_data: publicId("msg", id) };
      await office.tell(other, {
        statuses: [{ id: "wamid.x", status, timestamp, recipient_id: ADA, ...token }],
      });
    }
    const answer = await send(hello(), "k1", { at: other });
    expect(answer.status).toBe(code);
    expect(replayed(answer)).toBe("true");
    if (code !== 422) expect(answer.body).toMatchObject({ status, duplicate: true });
    expect(office.requests).toHaveLength(1);
  });
});

describe("a refusal before anything is kept", () => {
  test("leaves the key free", async () => {
    expect((await send({ conversation_id: "cnv_nobody", text: "Hello" }, "k1")).status).toBe(422);
    expect((await send({ ...hello(), txt: 1 }, "k1")).status).toBe(422);
    const long = { ...hello(), text: "x".repeat(4_097) };
    expect(await send(long, "k1")).toMatchObject({ body: { code: "text_too_long" } });
    expect(await keys()).toEqual([]);
    expect((await send(hello(), "k1")).status).toBe(200);
  });

  test.each([
    ["header and field that differ", "a", { idempotency_key: "b" }],
    ["256 characters", "x".repeat(256), {}],
    ["a space", "a b", {}],
    ["nothing", undefined, { idempotency_key: "" }],
    ["letters that no header carries", undefined, { idempotency_key: "schlüssel" }],
  ])("is the answer to a key that is no key: %s", async (_, header, field) => {
    expect(await send({ ...hello(), ...field }, header)).toMatchObject({
      status: 422,
      body: { code: "invalid_request" },
    });
    expect(office.requests).toEqual([]);
  });

  test("is not the answer to a key of 255 visible characters in both places", async () => {
    const key = "~!".repeat(127).concat("x");
    expect((await send({ ...hello(), idempotency_key: key }, key)).status).toBe(200);
  });
});

describe("a key's life", () => {
  test("ends a day after its message has come to its end", async () => {
    await send(hello(), "sent");
    office.script(() => refusedBy(131056));
    const waiting = send(hello(), "later");
    await office.clock.whenSleeping();
    await station.outbox.runOnce();
    office.script(() => accepted("wamid.2"));
    expect(await keys()).toMatchObject([
      { key: "later", expiresAt: null },
      { key: "sent", expiresAt: office.clock.now() + 24 * HOUR_MS },
    ]);
    const before = office.clock.now();
    await office.clock.advance(5_000);
    await station.outbox.runOnce();
    expect((await waiting).status).toBe(200);
    const [later] = await keys();
    expect(later?.key).toBe("later");
    // Its own round or the outbox's may have come first, somewhere within these five seconds.
    expect(later?.expiresAt).toBeGreaterThan(before + 24 * HOUR_MS);
    expect(later?.expiresAt).toBeLessThanOrEqual(office.clock.now() + 24 * HOUR_MS);
  });

  test("ends although whoever would have said so was killed", async () => {
    const unit = office.unit(await office.hear(station, BEN));
    await office.post(station, { ...unit, key: { key: "k", hash: Buffer.alloc(32) } });
    await office.rows("delete from outbox");
    await office.clock.advance(48 * HOUR_MS);
    await station.outbox.sweepOnce();
    expect(await keys()).toMatchObject([{ expiresAt: null }]);
    await office.clock.advance(2 * HOUR_MS);
    await station.outbox.sweepOnce();
    expect(await keys()).toMatchObject([{ expiresAt: office.clock.now() + 24 * HOUR_MS }]);
  });

  test("does not end while its message waits, and not when its doubt is new", async () => {
    office.script(() => lost);
    await send(hello(), "doubt");
    await station.outbox.sweepOnce();
    expect(await keys()).toMatchObject([{ expiresAt: null }]);
    await office.clock.advance(15 * 60_000);
    await station.outbox.sweepOnce();
    expect(await keys()).toMatchObject([{ expiresAt: office.clock.now() + 24 * HOUR_MS }]);
  });
});

describe("many callers at once", () => {
  test("with ten keys in two processes and overlapping conversations: one message a key, all answered alike (3)", async () => {
    await office.end();
    office = await openPostOffice({ realTime: true });
    station = await office.station();
    const other = await office.station();
    const conversations: string[] = [];
    for (const phone of [ADA, BEN, "16505550003"]) {
      conversations.push(publicId("cnv", (await office.hear(station, phone)).conversationId));
    }
    const bodyOf = (n: number) => ({
      conversation_id: conversations[n % conversations.length],
      text: `message ${n}`,
    });
    const askUntilAnswered = async (n: number, at: Station): Promise<Answer> => {
      for (;;) {
        const answer = await send(bodyOf(n), `key ${n}`.replace(" ", "-"), { at });
        if (answer.status !== 409) return answer;
      }
    };
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => askUntilAnswered(i % 10, i % 3 === 0 ? other : station)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const ids = new Map<number, Set<string>>();
    answers.forEach(({ body }, i) => {
      ids.set(i % 10, (ids.get(i % 10) ?? new Set()).add(body.id));
    });
    expect([...ids.values()].map(({ size }) => size)).toEqual(Array(10).fill(1));
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(10);
    expect([...office.texts()].sort()).toEqual(
      Array.from({ length: 10 }, (_, n) => `message ${n}`).sort(),
    );
    expect(await office.events("message.sent")).toHaveLength(10);
  });
});

describe("claiming keys", () => {
  const claim = (key: string, ref = office.ids.next()): KeyClaim => ({
    workspaceId: office.workspaceId,
    route: ROUTE,
    key,
    hash: createHash("sha256").update(key).digest(),
    refs: [ref],
    expiresAt: null,
  });
  const now = () => office.clock.now();

  test("answers each claim in its order, with who holds what it did not get", async () => {
    const { connections } = office.database;
    const taken = claim("b");
    await connections.transaction((tx) => claimKeys(tx, [taken], now()));
    const first = claim("a");
    const twice = claim("a");
    const answers = await connections.transaction((tx) =>
      claimKeys(tx, [claim("c"), claim("b"), first, twice], now()),
    );
    expect(answers.map((each) => each?.refs ?? null)).toEqual([null, taken.refs, null, first.refs]);
    expect(answers[1]).toMatchObject({ hash: taken.hash, status: null, answer: null });
  });

  /** The second has come to where it waits for the first. */
  const waiting = () =>
    until("a claim waits", async () => {
      const rows = await office.rows(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return rows.length > 0;
    });

  test("waits for a claim under way, and takes the key when that is rolled back", async () => {
    const { connections } = office.database;
    const { pool } = connections;
    const first = await pool.connect();
    await first.query("begin");
    await claimKeys(first, [claim("a")], now());
    const second = connections.transaction((tx) => claimKeys(tx, [claim("a")], now()));
    await waiting();
    await first.query("rollback");
    first.release();
    expect(await second).toEqual([null]);
  });

  test("reads in a second statement what it has waited for", async () => {
    const { connections } = office.database;
    const first = await connections.pool.connect();
    const holder = claim("a");
    await first.query("begin");
    await claimKeys(first, [holder], now());
    const second = connections.transaction((tx) => claimKeys(tx, [claim("a")], now()));
    await waiting();
    await first.query("commit");
    first.release();
    expect((await second)[0]?.refs).toEqual(holder.refs);
  });

  test("takes a key that is forgotten between its two statements", async () => {
    const { connections } = office.database;
    await connections.transaction((tx) => claimKeys(tx, [claim("a")], now()));
    let forgotten = false;
    const answers = await connections.transaction((tx) =>
      claimKeys(
        {
          async query(config, values) {
            if (!forgotten && typeof config === "object" && config.name === "read_keys") {
              forgotten = true;
              await office.rows("delete from idempotency");
            }
            return tx.query(config, values);
          },
        },
        [claim("a"), claim("b")],
        now(),
      ),
    );
    expect(answers).toEqual([null, null]);
    expect((await keys()).map(({ key }) => key)).toEqual(["a", "b"]);
  });

  test("is by workspace and route: the same key elsewhere is another one", async () => {
    const { connections } = office.database;
    const elsewhere = { ...claim("a"), route: "POST /v1/events" };
    const answers = await connections.transaction((tx) =>
      claimKeys(tx, [claim("a"), elsewhere], now()),
    );
    expect(answers).toEqual([null, null]);
    expect(await readKeys(connections.pool, [elsewhere])).toMatchObject([
      { route: elsewhere.route },
    ]);
  });
});
