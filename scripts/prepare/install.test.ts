import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isInstalled, markInstalled } from "./install.mjs";

const a = { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } };
const b = { "node_modules/b": { version: "1.0.0", integrity: "sha512-b" } };
const otherPlatform = { "node_modules/c": { version: "1.0.0", optional: true } };

/** A checkout whose lockfile asks for `wanted` and whose node_modules holds `present`. */
function checkout(wanted: object, present: object | null): string {
  const root = mkdtempSync(join(tmpdir(), "curlew-install-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeLock(root, wanted);
  if (present) {
    mkdirSync(join(root, "node_modules"));
    writeFileSync(join(root, "node_modules/.package-lock.json"), lock(present));
  }
  return root;
}

const lock = (packages: object) => JSON.stringify({ packages });
const writeLock = (root: string, packages: object) =>
  writeFileSync(join(root, "package-lock.json"), lock({ "": { name: "root" }, ...packages }));

test.each<[string, object, object | null, boolean]>([
  ["nothing was installed", a, null, false],
  ["everything is there", { ...a, ...b }, { ...a, ...b }, true],
  ["only another platform's binaries are missing", { ...a, ...otherPlatform }, a, true],
  ["a package is missing", { ...a, ...b }, a, false],
  ["a package is there that the lockfile does not name", a, { ...a, ...b }, false],
  ["a version differs", a, { "node_modules/a": { version: "0.9.0" } }, false],
])("when %s, installed is judged rightly", (_, wanted, present, installed) => {
  expect(isInstalled(checkout(wanted, present))).toBe(installed);
});

test("a lockfile that changes after an installation is noticed", () => {
  const root = checkout(a, a);
  markInstalled(root);
  expect(isInstalled(root)).toBe(true);
  writeLock(root, { ...a, ...b });
  expect(isInstalled(root)).toBe(false);
});

test("node_modules that came from another kind of machine is no installation", () => {
  const root = checkout(a, a);
  writeFileSync(join(root, "node_modules/.curlew-installed"), "other-machine 00");
  expect(isInstalled(root)).toBe(false);
});
