import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createVault } from "../../src/runtime/secrets/vault.ts";
import { countByKey, SEALED_COLUMNS } from "../../src/storage/instance/sealed-columns.ts";
import { createTestDatabase } from "../support/database/database.ts";

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
