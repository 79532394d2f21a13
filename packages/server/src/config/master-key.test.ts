import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Secret } from "../core/secret.ts";
import { loadMasterKeys } from "./master-key.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "curlew-key-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (dataDir = dir) => loadMasterKeys({ masterKeys: [], dataDir });

test("a key is made once, for the owner alone, and found again", async () => {
  const dataDir = join(dir, "not/yet/there");
  const [key] = await load(dataDir);
  expect(key).toHaveLength(32);
  expect(await load(dataDir)).toEqual([key]);
  expect(readdirSync(dataDir)).toEqual(["master-key"]);
  expect(statSync(join(dataDir, "master-key")).mode & 0o777).toBe(0o600);
});

test("processes that start at the same time have the same key", async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => load()));
  expect(new Set(keys.map(([key]) => Buffer.from(key ?? []).toString("hex"))).size).toBe(1);
  expect(readdirSync(dir)).toEqual(["master-key"]);
});

test("keys from the environment are used and kept nowhere", async () => {
  const masterKeys = [1, 2].map((n) => new Secret(Buffer.alloc(32, n).toString("base64")));
  expect(await loadMasterKeys({ masterKeys, dataDir: dir })).toEqual([
    Buffer.alloc(32, 1),
    Buffer.alloc(32, 2),
  ]);
  expect(readdirSync(dir)).toEqual([]);
});

test("a database without its key is not given a new one", async () => {
  mkdirSync(join(dir, "pg"));
  await expect(load()).rejects.toThrow(/holds a database but no master key/);
});

test("a file that holds no key is refused in words", async () => {
  writeFileSync(join(dir, "master-key"), "oops\n");
  await expect(load()).rejects.toMatchObject({
    name: "StartError",
    message: expect.stringContaining("does not hold a master key"),
  });
});
