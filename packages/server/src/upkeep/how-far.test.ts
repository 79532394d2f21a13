import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { silentLogger } from "../../test/support/silent-logger.ts";
import { readConfig } from "../config/config.ts";
import { systemClock } from "../runtime/clock.ts";
import { BackupWriter, FORMAT } from "../storage/backup/file-format.ts";
import { sayHowFar } from "./how-far.ts";
import { restoreBackup } from "./restore.ts";

test("a command that takes long says every ten seconds how far it is, until it is done", async () => {
  const clock = new ManualClock();
  const said: string[] = [];
  let percent = 0;
  const done = sayHowFar({ clock, print: (text) => said.push(text) }, () => `${percent} %`);
  await clock.advance(9_999);
  expect(said).toEqual([]);
  percent = 40;
  await clock.advance(1);
  percent = 80;
  await clock.advance(10_000);
  done();
  await clock.advance(20_000);
  expect(said).toEqual(["40 %", "80 %"]);
});

test("reading a backup says how much of it has been read", async () => {
  const directory = mkdtempSync(join(tmpdir(), "curlew-backup-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "large.curlew");
  writeFileSync(file, gzipSync(await largeBackup(), { level: 0 }));
  const said: string[] = [];
  // Ten seconds are over whenever there is nothing else to do.
  const clock = { ...systemClock(), sleep: () => new Promise<void>((over) => setImmediate(over)) };
  await restoreBackup(
    {
      ...{ config: readConfig({}), version: "1.2.3", clock, logger: silentLogger() },
      print: (text) => said.push(text),
    },
    { file, isCheck: true, withoutKey: false },
  );
  const percents = said
    .slice(0, -1)
    .map((line) => /^(\d+) % of the backup read\.$/.exec(line)?.[1]);
  expect(percents).not.toContain(undefined);
  expect(percents.map(Number)).toEqual(percents.map(Number).toSorted((a, b) => a - b));
  expect(percents.some((percent) => Number(percent) > 10 && Number(percent) < 90)).toBe(true);
  expect(said.at(-1)).toMatch(/It is whole: 1 table/);
});

async function largeBackup(): Promise<Buffer> {
  const sink = new PassThrough({ highWaterMark: 64_000_000 });
  const writer = new BackupWriter(sink);
  const takenAt = "2026-03-02T09:00:00.000Z";
  const header = { format: FORMAT, version: "1.2.3", postgres: "18", takenAt };
  await writer.begin({ ...header, schema: [], keyIds: [] });
  const rows = Array.from({ length: 200 }, () => Buffer.alloc(64_000, "a"));
  await writer.write({ entry: "table", name: "event", columns: ["id"] }, rows);
  await writer.end();
  sink.end();
  return Buffer.concat(await sink.toArray());
}
