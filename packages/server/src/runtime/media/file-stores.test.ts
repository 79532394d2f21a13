import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { firstIdAt } from "../../core/ids.ts";
import type { FileStore, OpenFile } from "../../core/outside/file-store.ts";
import { Secret } from "../../core/secret.ts";
import type { Release } from "../fixtures/local-server.ts";
import { S3_KEYS, startS3Fake } from "../fixtures/s3-fake.ts";
import { createDirectoryStore } from "./directory-store.ts";
import { createS3Store } from "./s3-store.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const DAY_MS = 86_400_000;

function directory(release: Release): string {
  const made = mkdtempSync(join(tmpdir(), "curlew-files-"));
  release(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function bucket(release: Release, over: { secretAccessKey?: Secret } = {}) {
  const fake = await startS3Fake(release);
  const secretAccessKey = new Secret(S3_KEYS.secretAccessKey);
  const store = createS3Store(
    { ...S3_KEYS, endpoint: fake.endpoint, bucket: "files", secretAccessKey, ...over },
    { now: () => NOON },
  );
  release(() => store.close());
  return { fake, store };
}

const STORES: [string, (release: Release) => Promise<FileStore>][] = [
  ["a directory", async (release) => createDirectoryStore(directory(release))],
  ["a bucket", async (release) => (await bucket(release)).store],
];

const idAt = (at: number) => `${firstIdAt(at).slice(0, 24)}${randomBytes(6).toString("hex")}`;

function arrived(release: Release, bytes: Buffer) {
  const path = join(directory(release), "arrived");
  writeFileSync(path, bytes);
  return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function bytesOf(file: OpenFile | null): Promise<string> {
  if (file === null) return "nothing";
  const pieces: Uint8Array[] = [];
  for await (const piece of file.stream) pieces.push(piece);
  return Buffer.concat(pieces).toString("latin1");
}

describe.each(STORES)("files in %s", (_, open) => {
  test("are had again byte by byte, whole and in parts", async ({ onTestFinished }) => {
    const store = await open(onTestFinished);
    const bytes = randomBytes(300_000);
    const id = idAt(NOON);
    await store.put(id, arrived(onTestFinished, bytes));
    const whole = await store.open(id, null);
    expect(whole?.bytes).toBe(300_000);
    expect(await bytesOf(whole)).toBe(bytes.toString("latin1"));
    const part = await store.open(id, { start: 100_000, end: 100_009 });
    expect(part?.bytes, "the length of the whole file").toBe(300_000);
    expect(await bytesOf(part)).toBe(bytes.subarray(100_000, 100_010).toString("latin1"));
  });

  test("that come a second time replace the first", async ({ onTestFinished }) => {
    const store = await open(onTestFinished);
    const id = idAt(NOON);
    await store.put(id, arrived(onTestFinished, Buffer.from("first")));
    await store.put(id, arrived(onTestFinished, Buffer.from("second")));
    expect(await bytesOf(await store.open(id, null))).toBe("second");
  });

  test("that are removed are gone, and may be removed again", async ({ onTestFinished }) => {
    const store = await open(onTestFinished);
    const id = idAt(NOON);
    await store.put(id, arrived(onTestFinished, Buffer.from("x")));
    await store.remove(id);
    await store.remove(id);
    expect(await store.open(id, null)).toBeNull();
  });

  test("of days that are over go together, and only those", async ({ onTestFinished }) => {
    const store = await open(onTestFinished);
    const old = [1, 2, 3, 4, 5].map(() => idAt(NOON - 3 * DAY_MS));
    const kept = [idAt(NOON - 2 * DAY_MS), idAt(NOON)];
    for (const id of [...old, ...kept]) {
      await store.put(id, arrived(onTestFinished, Buffer.from(id)));
    }
    expect(await store.removeBefore(NOON - 2 * DAY_MS)).toBe(1);
    for (const id of old) expect(await store.open(id, null)).toBeNull();
    for (const id of kept) expect(await bytesOf(await store.open(id, null))).toBe(id);
    expect(await store.removeBefore(NOON - 2 * DAY_MS)).toBe(0);
  });
});

test("a directory that nothing was put into has no days", async ({ onTestFinished }) => {
  const store = createDirectoryStore(join(directory(onTestFinished), "not-there"));
  expect(await store.removeBefore(NOON)).toBe(0);
  expect(await store.open(idAt(NOON), null)).toBeNull();
});

test("a directory takes the file over and leaves nothing beside it", async ({ onTestFinished }) => {
  const place = directory(onTestFinished);
  const file = arrived(onTestFinished, Buffer.from("x"));
  await createDirectoryStore(place).put(idAt(NOON), file);
  expect(readdirSync(place)).toEqual(["2026-03-02"]);
  expect(readdirSync(join(file.path, ".."))).toEqual([]);
});

describe("a bucket", () => {
  test("is asked with signatures that S3's own recipe makes too", async ({ onTestFinished }) => {
    const { fake, store } = await bucket(onTestFinished);
    const id = idAt(NOON);
    await store.put(id, arrived(onTestFinished, Buffer.from("signed")));
    expect(fake.refusals).toEqual([]);
    expect([...fake.objects.keys()]).toEqual([`files/media/2026-03-02/${id.slice(-2)}/${id}`]);
  });

  test("that refuses is told of without its keys", async ({ onTestFinished }) => {
    const { store } = await bucket(onTestFinished, { secretAccessKey: new Secret("another") });
    const put = store.put(idAt(NOON), arrived(onTestFinished, Buffer.from("x")));
    await expect(put).rejects.toThrow("the object storage answered 403 when asked to store a file");
  });

  test("that fails keeps the file where it was", async ({ onTestFinished }) => {
    const { fake, store } = await bucket(onTestFinished);
    const file = arrived(onTestFinished, Buffer.from("again"));
    fake.failNext(503);
    await expect(store.put(idAt(NOON), file)).rejects.toThrow("503");
    const id = idAt(NOON);
    await store.put(id, file);
    expect(await bytesOf(await store.open(id, null))).toBe("again");
  });
});
