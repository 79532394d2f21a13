import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { refuseNowhere } from "./data-directory.ts";

function home(): string {
  const path = mkdtempSync(join(tmpdir(), "curlew-home-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("a data directory", () => {
  test.runIf(process.platform === "linux").each(["/proc/curlew", "/proc/curlew/deep/data"])(
    "where nothing can be made is refused in words: %s",
    (path) => {
      expect(() => refuseNowhere(path)).toThrow(
        `The data directory ${path} cannot be made: /proc takes no new directories. Choose another one (CURLEW_DATA_DIR).`,
      );
    },
  );

  test("that can be made may be made by others at this moment, and is left to them", () => {
    const path = home();
    refuseNowhere(join(path, "deep", "data"));
    expect(readdirSync(path)).toEqual([]);
  });

  test("that is there, or has something else in its way, is left to whoever needs it", () => {
    const path = home();
    writeFileSync(join(path, "file"), "");
    for (const dataDir of [path, join(path, "file", "data")]) {
      expect(() => refuseNowhere(dataDir), dataDir).not.toThrow();
    }
  });
});
