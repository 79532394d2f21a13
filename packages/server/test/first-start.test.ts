import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../src/core/secret.ts";
import { ensureAdminKey } from "../src/http/access/admin-key.ts";
import { digestOf } from "../src/http/access/key-text.ts";
import { createIds } from "../src/runtime/ids.ts";
import { ensureDefaultWorkspace } from "../src/storage/workspaces/workspaces.ts";
import { createTestDatabase, type TestDatabase } from "./support/database/database.ts";
import { ManualClock } from "./support/manual-clock.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("processes that start together agree on one default workspace", async () => {
  const clock = new ManualClock();
  const ids = createIds(clock);
  const made = await Promise.all(
    Array.from({ length: 6 }, () =>
      ensureDefaultWorkspace(database.connections, { id: ids.next(), now: clock.now() }),
    ),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(made[0]).toMatchObject({ isDefault: true, name: "Default", plan: "unlimited" });
});

test("an admin key is made once, shown to one, and kept as a digest", async () => {
  const db = database.connections.pool;
  const starts = await Promise.all(Array.from({ length: 6 }, () => ensureAdminKey(db, null)));
  const shown = starts.flatMap(({ made }) => made ?? []);
  expect(shown).toEqual([expect.stringMatching(/^curlew_admin_[0-9A-Za-z]{46}$/)]);
  for (const { digest } of starts) expect(digest).toEqual(digestOf(shown[0] ?? ""));
  expect((await ensureAdminKey(db, null)).made).toBeNull();
  const { rows } = await db.query("select * from instance");
  expect(JSON.stringify(rows)).not.toContain(shown[0]);
});

test("a key that the operator fixed is the only one that counts, while it is set", async () => {
  const db = database.connections.pool;
  const fixed = await ensureAdminKey(db, new Secret("the-operators-own-key"));
  expect(fixed).toMatchObject({ digest: digestOf("the-operators-own-key"), made: null });
  expect((await ensureAdminKey(db, null)).digest).not.toEqual(fixed.digest);
});

test("a key that nobody was shown is taken back, and another one is made", async () => {
  const db = database.connections.pool;
  await db.query("update instance set admin_digest = null");
  const first = await ensureAdminKey(db, null);
  await first.withdraw();
  const second = await ensureAdminKey(db, null);
  expect(second.made).not.toBeNull();
  await first.withdraw();
  expect((await ensureAdminKey(db, null)).digest).toEqual(second.digest);
});
