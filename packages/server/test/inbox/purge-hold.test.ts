import { generateKeyPairSync } from "node:crypto";
import { compactDecrypt, importJWK } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Jwk,
  makeHoldKey,
  openSealed,
  SealedBodyError,
} from "../../../sdk/src/webhooks/sealed.ts";
import { sealedBody } from "../../src/core/endpoints/hold-key.ts";
import { seal } from "../../src/runtime/secrets/sealing.ts";
import { createTestApi } from "../support/api/api.ts";
import { readBooks } from "../support/database/books.ts";
import { storedRows } from "../support/database/stored-rows.ts";
import { type DiscreetShop, failing, openDiscreetShop } from "../support/messages/discreet-shop.ts";
import { ADA } from "../support/messages/post-office.ts";

const CANARY = "canary-under-seal";
const said = { text: { body: CANARY } };

function rsaPair(bits = 2048) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const hold_key = publicKey.export({ format: "jwk" }) as Jwk;
  return { hold_key, privateKey: privateKey.export({ format: "jwk" }) as Jwk };
}

describe("an endpoint that has given a key", () => {
  let shop: DiscreetShop;
  beforeEach(async () => {
    shop = await openDiscreetShop();
  });
  afterEach(() => shop.end());

  const bodiesOf = (url: string) =>
    shop.posts.flatMap((post) => (post.url === url ? [post.body] : []));
  async function expectUnreadable(): Promise<void> {
    const { pool } = shop.database.connections;
    const rows = await storedRows(pool);
    expect(rows.filter((row) => row.includes(CANARY))).toEqual([]);
    expect(rows.filter((row) => row.includes("body_sealed"))).not.toEqual([]);
    const { ledger, counted } = await readBooks(pool, shop.workspaceId);
    expect(ledger).toEqual(counted);
    expect(await shop.events("message.purge_lost")).toEqual([]);
  }

  test("is sent the same sealed bytes at every attempt and replay, which open to its dialect's body", async () => {
    for (const [at, dialect] of ["curlew", "chatgenius"].entries()) {
      const { hold_key: holdKey, privateKey } = at === 0 ? await makeHoldKey() : rsaPair();
      const events = ["message.received"];
      const endpoint = await shop.endpoint({ dialect, events, holdKey });
      shop.answers.set(endpoint.url, failing(503));
      const station = await shop.open();
      await shop.hear(station, ADA, said);
      await shop.settle(station);
      expect(bodiesOf(endpoint.url)).toHaveLength(1);
      shop.answers.delete(endpoint.url);
      await shop.clock.advance(400_000);
      await station.engine.beatOnce();
      await station.engine.carrier.rounds.scan();
      await shop.settle(station);
      const [first = "", second] = bodiesOf(endpoint.url);
      expect(second).toBe(first);
      expect(first).not.toContain(CANARY);
      expect(JSON.parse(first)).toMatchObject({ type: "message.received", body_sealed: true });
      const clear = JSON.parse(await openSealed(first, privateKey));
      const text = dialect === "curlew" ? clear.data.message.content.text : clear.message.text;
      expect(text).toBe(CANARY);
      const { sealed } = JSON.parse(first);
      const oracle = await compactDecrypt(sealed, await importJWK(privateKey, algOf(privateKey)));
      expect(JSON.parse(new TextDecoder().decode(oracle.plaintext))).toEqual(clear);
      expect(await shop.rows("select 1 from attempt where response is not null")).toEqual([]);
      await expectUnreadable();
    }
  });

  test("gets what came while it stood still, and what a process took with it", async () => {
    const { hold_key: holdKey, privateKey } = await makeHoldKey();
    const endpoint = await shop.endpoint({ events: ["message.received"], holdKey });
    await shop.change("update endpoint set state = 'paused' where serial = $1", [endpoint.serial]);
    const dying = await shop.open();
    await shop.hear(dying, ADA, said);
    await shop.settle(dying);
    await shop.change("update endpoint set state = 'enabled' where serial = $1", [endpoint.serial]);
    shop.answers.set(endpoint.url, () => new Promise(() => {}));
    await dying.engine.directory.load(shop.workspaceId);
    await shop.hear(dying, ADA, { text: { body: "the second" } });
    shop.answers.delete(endpoint.url);
    const heir = await shop.open();
    const before = shop.posts.length;
    await shop.takeForDead(heir);
    await heir.engine.carrier.rounds.scan();
    await shop.settle(heir);
    const opened = await Promise.all(
      bodiesOf(endpoint.url)
        .slice(before)
        .map(async (body) => JSON.parse(await openSealed(body, privateKey))),
    );
    const texts = opened.map(({ data }) => data.message.content.text);
    expect(new Set(texts)).toEqual(new Set([CANARY, "the second"]));
    await expectUnreadable();
  });

  test("gets a conversation in order, also where something of it has failed", async () => {
    const { hold_key: holdKey, privateKey } = await makeHoldKey();
    const endpoint = await shop.endpoint({
      ...{ ordering: "conversation", events: ["message.received"], holdKey },
    });
    shop.answers.set(endpoint.url, failing(500));
    const station = await shop.open();
    await shop.hear(station, ADA, said);
    await station.engine.carrier.rounds.scan();
    await shop.settle(station);
    await shop.hear(station, ADA, { text: { body: "the second" } });
    await shop.settle(station);
    shop.answers.delete(endpoint.url);
    await shop.clock.advance(6_000);
    await station.engine.beatOnce();
    await station.engine.carrier.rounds.scan();
    await shop.settle(station);
    const texts = await Promise.all(
      bodiesOf(endpoint.url).map(
        async (body) => JSON.parse(await openSealed(body, privateKey)).data.message.content.text,
      ),
    );
    expect(texts).toEqual([CANARY, CANARY, "the second"]);
    await expectUnreadable();
  });

  test("is served by a process that sends nothing itself", async () => {
    const { hold_key: holdKey } = await makeHoldKey();
    await shop.endpoint({ events: ["message.received"], holdKey });
    const station = await shop.open({ role: "api" });
    await shop.hear(station, ADA, said);
    expect(await shop.rows("select 1 from retry")).toHaveLength(1);
    await expectUnreadable();
  });
});

function algOf({ kty }: Jwk): string {
  return kty === "EC" ? "ECDH-ES" : "RSA-OAEP-256";
}

describe("a sealed body", () => {
  test("opens with its key alone, and one that is not sealed is answered as it came", async () => {
    const [mine, other] = [await makeHoldKey(), await makeHoldKey()];
    const text = JSON.stringify({ words: "☀ and \u{1f33b}" });
    const body = sealedBody("message.received", await seal(JSON.stringify(mine.hold_key), text));
    expect(await openSealed(body, mine.privateKey)).toBe(text);
    await expect(openSealed(body, other.privateKey)).rejects.toThrow(SealedBodyError);
    const { sealed } = JSON.parse(body);
    const cut = sealedBody("x", `${sealed.slice(0, -3)}AAA`);
    await expect(openSealed(cut, mine.privateKey)).rejects.toThrow(SealedBodyError);
    await expect(openSealed(sealedBody("x", "a.b"), mine.privateKey)).rejects.toThrow(
      "It is not a compact JWE.",
    );
    for (const plain of [text, "not json", "null"]) {
      expect(await openSealed(plain, mine.privateKey)).toBe(plain);
    }
  });
});

describe("the key of an endpoint", () => {
  let api: Awaited<ReturnType<typeof createTestApi>>;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());
  const draft = (hold_key: unknown) => ({ name: "a", url: "https://example.com/hooks", hold_key });

  test("is shown as it counts, can be changed and taken away", async () => {
    const { hold_key } = await makeHoldKey();
    const made = await api.call("POST", "/endpoints", draft({ ...hold_key, use: "enc" }));
    expect(made.body.hold_key).toEqual(hold_key);
    const path = `/endpoints/${made.body.id}`;
    const rsa = rsaPair().hold_key;
    expect((await api.call("PATCH", path, { hold_key: rsa })).body.hold_key).toEqual(rsa);
    expect((await api.call("PATCH", path, { hold_key: null })).body.hold_key).toBeNull();
  });

  test("is refused where it is private, weak, or no key", async () => {
    const { hold_key, privateKey } = await makeHoldKey();
    for (const wrong of [
      privateKey,
      rsaPair(1024).hold_key,
      { ...hold_key, x: hold_key.y },
      { ...hold_key, crv: "P-384" },
      { kty: "oct", k: "AAAA" },
    ]) {
      expect((await api.call("POST", "/endpoints", draft(wrong))).body).toMatchObject({
        code: "invalid_request",
        errors: [{ pointer: "/hold_key" }],
      });
    }
  });
});
