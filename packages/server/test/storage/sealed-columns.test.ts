import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createVault } from "../../src/runtime/secrets/vault.ts";
import {
  countByKey,
  listSealedOtherwise,
  replaceSealed,
  SEALED_COLUMNS,
} from "../../src/storage/instance/sealed-columns.ts";
import { createTestDatabase } from "../support/database/database.ts";
import { planOf } from "../support/database/plans.ts";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));
/** How a place is written down: `{ table: "channel", row: …, column: "credentials" }`. */
const PLACE = /table: "(\w+)",\s*row: [^,]+,\s*column: "(\w+)"/g;

test("every column that the sources seal something for is known to those who change the key", () => {
  const places = new Set<string>();
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    for (const [, table, column] of readFileSync(join(SOURCES, name), "utf8").matchAll(PLACE)) {
      places.add(`${table}.${column}`);
    }
  }
  expect(places.size).toBeGreaterThanOrEqual(5);
  expect(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(
    [...places].sort(),
  );
});

test("what each key has sealed is counted by the key's name", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database.connections;
  const place = { table: "instance", row: "sign_in", column: "sign_in_secret" };
  const vault = createVault([new Uint8Array(32).fill(1)]);
  expect(await countByKey(pool)).toEqual(new Map());
  await pool.query("update instance set sign_in_secret = $1", [vault.seal("s", place)]);
  expect(await countByKey(pool)).toEqual(new Map([[vault.keyIds()[0], 1]]));
});

test("of thousands of values each is found by its row's key, and each page begins where the last one ended", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database.connections;
  const workspace = "00000000-0000-4000-8000-000000000001";
  await pool.query("insert into workspace (id, name, created_at) values ($1, 'W', now())", [
    workspace,
  ]);
  await pool.query(
    `insert into channel (id, workspace_id, kind, name, external_id, credentials, created_at, updated_at)
    select md5(n::text)::uuid, $1, 'sms', 'S', n::text, 'v1.aaaaaaaa.' || repeat('x', 200), now(), now()
    from generate_series(1, 5000) n`,
    [workspace],
  );
  await pool.query("vacuum (analyze) channel");
  const place = SEALED_COLUMNS.find(({ table }) => table === "channel");
  if (!place) throw new Error("channels hold nothing sealed");
  const page = await listSealedOtherwise(pool, place, { keyId: "bbbbbbbb", after: null });
  const last = page.at(-1)?.key ?? "";
  const listing = await planOf(pool, (db) =>
    listSealedOtherwise(db, place, { keyId: "bbbbbbbb", after: last }),
  );
  expect(listing).toContain("Index Cond: (id > ");
  const value = { key: last, row: last, sealed: page.at(-1)?.sealed ?? "", resealed: "v1.b.x" };
  const replacing = await planOf(pool, (db) => replaceSealed(db, place, value));
  expect(replacing).toContain("Index Cond: (id = ");
  const seen = new Set(page.map(({ key }) => key));
  for (let after: string | undefined = last; after !== undefined; ) {
    const next = await listSealedOtherwise(pool, place, { keyId: "bbbbbbbb", after });
    for (const { key } of next) seen.add(key);
    after = next.at(-1)?.key;
  }
  expect(seen.size, "all but the one that was replaced, which was seen before").toBe(5_000);
});
