import { PassThrough, Readable } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { listTables, quoted, readSchema } from "../../src/storage/backup/catalogue.ts";
import { BackupReader, BackupWriter } from "../../src/storage/backup/file-format.ts";
import {
  finishRestore,
  refuseUnfinishedRestore,
  requireRestorable,
  restoreTables,
} from "../../src/storage/backup/restore.ts";
import { writeTables } from "../../src/storage/backup/take.ts";
import type { Connections } from "../../src/storage/connections/connections.ts";
import { readHold } from "../../src/storage/instance/instance-hold.ts";
import { registerProcess } from "../../src/storage/instance/processes.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { ensurePartitions } from "../../src/storage/retention/partitions.ts";
import {
  createEmptyTestDatabase,
  createTestDatabase,
  type TestDatabase,
} from "../support/database/database.ts";
import { startRefusal } from "../support/database/start-refusal.ts";
import { openDesk } from "../support/engine/desk.ts";
import { openTown, refused } from "../support/engine/town.ts";

// Each brings databases to this schema, some of them twice.
vi.setConfig({ testTimeout: 60_000 });

/** What COPY must not stumble over. */
const AWKWARD = ["\\N", "a\tb", "line\nline\r\n", "back\\slash \\.", "😀 é ﷽", "", "\\.\n"];

async function backUp(connections: Connections): Promise<Buffer> {
  const sink = new PassThrough();
  const read = collect(sink);
  const writer = new BackupWriter(sink);
  await writeTables(connections, writer, { version: "1.2.3", now: systemClock().now() });
  await writer.end();
  sink.end();
  return read;
}

async function restore(connections: Connections, backup: Buffer): Promise<void> {
  const reader = await open(backup);
  await requireRestorable(connections, reader.header);
  await restoreTables(connections, reader.header, reader.entries(), async () => {});
  await finishRestore(connections, { now: 1_000, reason: "A backup was restored." });
}

const open = (backup: Buffer) => BackupReader.open(Readable.from([backup]));

async function collect(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function empty(): Promise<TestDatabase> {
  const database = await createEmptyTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** How many rows each table has, and a digest of all of them. */
async function contents({ pool }: Connections): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, columns } of await listTables(pool)) {
    if (name === "instance") continue;
    const { rows } = await pool.query<{ n: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '') as n
       from (select ${columns.map(quoted).join(", ")} from ${quoted(name)}) r`,
    );
    found[name] = rows[0]?.n ?? "";
  }
  return found;
}

async function awkwardTown() {
  const town = await openTown();
  onTestFinished(() => town.end());
  const { url } = await town.endpoint({ schedule: [3_600] });
  town.answers.set(url, () => refused(500));
  const desk = await openDesk(town);
  for (const text of AWKWARD) {
    await desk.call("POST", "/events", { type: "order.placed", data: { text } });
    await town.rows(
      "insert into account (id, workspace_id, name, created_at) values (gen_random_uuid(), $1, $2, now())",
      [town.workspaceId, text],
    );
  }
  await desk.deliver();
  return town;
}

test("a backup holds every row of every table, and an empty database is given them all", async () => {
  const town = await awkwardTown();
  const before = await contents(town.database.connections);
  const { connections } = await empty();
  await restore(connections, await backUp(town.database.connections));
  expect(await contents(connections)).toEqual(before);
  expect(before["retry"]).toMatch(/^7 /);
  // Numbers go on where they were, and the next process starts above every floor.
  const { rows } = await connections.pool.query<{ serial: number }>(
    "insert into account (id, workspace_id, name, created_at) select gen_random_uuid(), id, 'new', now() from workspace returning serial",
  );
  expect(rows[0]?.serial).toBe(AWKWARD.length + 1);
  const made = await connections.transaction((tx) =>
    registerProcess(tx, { name: "p", role: "all", configVersion: 1, at: 0 }, (floor) => floor),
  );
  expect(made).toMatchObject({ id: 2, isHeld: true });
});

test("what was restored is held, and says why", async () => {
  const town = await awkwardTown();
  const { connections } = await empty();
  await restore(connections, await backUp(town.database.connections));
  expect(await readHold(connections.pool)).toEqual({
    ...{ deliveriesSince: 1_000, messagesSince: 1_000, reason: "A backup was restored." },
  });
});

test("what is written while a backup is taken is in it whole or not at all", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { connections } = database;
  const { pool } = connections;
  const write = { on: true, pairs: 0 };
  // A table that is copied early and one that is copied late, always in one transaction.
  const writing = (async () => {
    while (write.on) {
      await connections.transaction(async (tx) => {
        await tx.query("insert into plan (name, title, features) values ($1, '', '{}')", [
          `p${write.pairs}`,
        ]);
        await tx.query(
          `insert into workspace (id, name, plan, created_at) values (gen_random_uuid(), 'pair', $1, now())`,
          [`p${write.pairs}`],
        );
        await tx.query(
          "insert into verification (id, identifier, value, expires_at) values ($1, $1, '', now())",
          [`p${write.pairs}`],
        );
      });
      write.pairs++;
    }
  })();
  const backups: Buffer[] = [];
  for (let n = 0; n < 5; n++) backups.push(await backUp(connections));
  write.on = false;
  await writing;
  expect(write.pairs).toBeGreaterThan(5);
  await pool.query("select 1");
  const sizes = new Set<number>();
  for (const backup of backups) {
    const { entries } = { entries: (await open(backup)).entries() };
    const rows: Record<string, number> = {};
    for await (const { head, body } of entries) {
      let text = "";
      for await (const chunk of body) text += chunk.toString("latin1");
      if (head.entry === "table") rows[head.name] = text.split("\n").length - 1;
    }
    expect(rows["workspace"]).toBe(rows["verification"]);
    expect(rows["plan"]).toBe((rows["workspace"] ?? 0) + 5);
    sizes.add(rows["workspace"] ?? 0);
  }
  expect(sizes.size).toBeGreaterThan(1);
});

test("a backup of an older release is restored with its own schema and then brought to this one", async () => {
  const old = await empty();
  const { connections: older } = old;
  await migrate(older, { upTo: "0005-plans" });
  await older.pool.query(
    "insert into workspace (id, name, created_at) values (gen_random_uuid(), 'Old', now())",
  );
  await ensureOldDay(older);
  const backup = await backUp(older);
  const { connections } = await empty();
  await restore(connections, backup);
  expect(await readSchema(connections.pool)).toEqual(Object.keys(migrations));
  const { rows } = await connections.pool.query("select name, add_ons from workspace");
  expect(rows).toEqual([{ name: "Old", add_ons: [] }]);
  const { rows: messages } = await connections.pool.query("select content from message");
  expect(messages).toEqual([{ content: "hi" }]);
  expect(await readHold(connections.pool)).toMatchObject({ messagesSince: 1_000 });
});

async function ensureOldDay({ pool }: Connections): Promise<void> {
  const day = Date.UTC(2026, 2, 2);
  await ensurePartitions(pool, day, 1);
  const id = `${day
    .toString(16)
    .padStart(12, "0")
    .replace(/(.{8})(.{4})/, "$1-$2")}-7000-8000-000000000001`;
  await pool.query(
    `insert into message (id, workspace_id, channel_id, conversation_id, contact_id, direction, actor, status, content, created_at)
     values ($1, $1, $1, $1, $1, 'inbound', 'contact', 'received', 'hi', now())`,
    [id],
  );
}

test("a backup of a newer release, and a database that holds something, are refused in words", async () => {
  const town = await awkwardTown();
  const backup = await backUp(town.database.connections);
  expect(await startRefusal(restore(town.database.connections, backup))).toMatch(
    /^This database is not empty: it holds \d+ tables\./,
  );
  const newer = Buffer.from(
    backup.toString("latin1").replace('"0001-main-path"', '"0001-main-path","9999-later"'),
    "latin1",
  );
  const { connections } = await empty();
  expect(await startRefusal(restore(connections, newer))).toMatch(
    /^The backup was taken by a newer Curlew \(1\.2\.3\): it has 9999-later,/,
  );
});

test("a file that is cut off, altered or something else is told so, wherever it is", async () => {
  const town = await awkwardTown();
  const backup = await backUp(town.database.connections);
  const readAll = async (bytes: Buffer) => {
    for await (const { body } of (await open(bytes)).entries()) for await (const _ of body);
  };
  await readAll(backup);
  const placed = backup.indexOf("order.placed", backup.indexOf('"name":"event"'));
  const altered = Buffer.from(backup);
  altered[placed] = 0x4f;
  expect(await startRefusal(readAll(altered))).toMatch(
    /^The backup is damaged: the checksum of the table event does not fit/,
  );
  for (const share of [0.3, 0.6, 0.999]) {
    const cut = backup.subarray(0, Math.floor(backup.length * share));
    expect(await startRefusal(readAll(cut))).toMatch(/^The backup is damaged: it ends too early/);
  }
  expect(await startRefusal(readAll(Buffer.from("hello\n")))).toBe(
    "This file is not a backup that Curlew has made.",
  );
  expect(
    await startRefusal(
      readAll(Buffer.from(backup.toString("latin1").replace('"format":1', '"format":2'), "latin1")),
    ),
  ).toMatch(/has the format 2/);
});

test("a restore that did not end keeps servers from starting and is begun anew", async () => {
  const town = await awkwardTown();
  const backup = await backUp(town.database.connections);
  const { connections } = await empty();
  const cut = await open(backup.subarray(0, Math.floor(backup.length * 0.8)));
  await expect(
    restoreTables(connections, cut.header, cut.entries(), async () => {}),
  ).rejects.toThrow(/ends too early/);
  expect(await startRefusal(refuseUnfinishedRestore(connections))).toMatch(/did not end/);
  await restore(connections, backup);
  await refuseUnfinishedRestore(connections);
  expect(await contents(connections)).toEqual(await contents(town.database.connections));
});
