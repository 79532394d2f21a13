import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openMediaRoom } from "./media-room.ts";

const DAY_MS = 86_400_000;
/** No process has it: the kernel counts to four million. */
const NOBODY = 99_999_999;

function dataDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "curlew-room-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("what a process of this machine left half fetched goes with the next start, what a living one has stays", async () => {
  const dataDir = dataDirectory();
  const clock = systemClock();
  const open = () => openMediaRoom({ dataDir, s3: null, clock, machine: "here" });
  const arriving = join(dataDir, "media/.arriving");
  const [dead, living] = [`${NOBODY}@here`, `${process.ppid}@here`].map((name) =>
    join(arriving, name),
  );
  for (const path of [dead, living]) mkdirSync(path ?? "", { recursive: true });
  const room = await open();
  expect([dead, living].map((path) => existsSync(path ?? ""))).toEqual([false, true]);
  const path = await room.temporaryPath();
  writeFileSync(path, "half of it");
  await room.close();
  expect(existsSync(dirname(path))).toBe(false);
});

test("what a process of another machine is fetching stays, although its number is ours or nobody's here", async () => {
  const dataDir = dataDirectory();
  const now = systemClock().now();
  const clock = { now: () => now };
  const there = await openMediaRoom({ dataDir, s3: null, clock, machine: "there" });
  const path = await there.temporaryPath();
  writeFileSync(path, "half of it");
  const stranger = join(dataDir, "media/.arriving", `${NOBODY}@elsewhere`);
  mkdirSync(stranger);

  const here = await openMediaRoom({ dataDir, s3: null, clock, machine: "here" });
  await here.close();
  expect([existsSync(path), existsSync(stranger)]).toEqual([true, true]);

  const later = { now: () => now + 2 * DAY_MS };
  await openMediaRoom({ dataDir, s3: null, clock: later, machine: "here" });
  expect([existsSync(path), existsSync(stranger)]).toEqual([false, false]);
});
