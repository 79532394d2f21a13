import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { withLock } from "./lock.mjs";

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "curlew-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "deep/lock");
}

const nobody = () => expect.unreachable("nobody is in the way");

test("of several at once one works at a time, and the others are told who is in the way", async () => {
  const path = lockPath();
  const waitedFor: number[] = [];
  let inside = 0;
  const order: number[] = [];
  const enter = (n: number) =>
    withLock(
      path,
      (pid: number) => waitedFor.push(pid),
      async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(n);
        inside -= 1;
      },
    );
  await Promise.all([enter(1), enter(2), enter(3)]);
  expect(new Set(order)).toEqual(new Set([1, 2, 3]));
  expect(waitedFor).toEqual([process.pid, process.pid]);
  expect(existsSync(path)).toBe(false);
});

test("a lock is free again after work that failed", async () => {
  const path = lockPath();
  const failing = withLock(path, nobody, () => Promise.reject(new Error("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect(await withLock(path, nobody, () => "done")).toBe("done");
});

test.each([
  ["whose process has died", () => ({ pid: spawnSync("true").pid, startedAt: "1" })],
  ["whose process id belongs to another by now", () => ({ pid: process.pid, startedAt: "1" })],
])("a lock %s is taken over", async (_, holder) => {
  const path = lockPath();
  await withLock(path, nobody, () => "made the folder");
  writeFileSync(path, JSON.stringify({ ...holder(), host: hostname() }));
  expect(await withLock(path, nobody, () => "done")).toBe("done");
});
