import { describe, expect, test } from "vitest";
import { faultsOf, type ServerFacts } from "./check-server.ts";

const GOOD: ServerFacts = {
  version: "15.0",
  versionNumber: 150_000,
  encoding: "UTF8",
  fsync: "on",
  locks: 512,
  isReadOnly: false,
};

describe("a server of somebody else's", () => {
  test("is taken when it is as Curlew needs it", () => {
    expect(faultsOf(GOOD, false)).toEqual([]);
  });

  test.each<[keyof ServerFacts, Partial<ServerFacts>, RegExp]>([
    ["versionNumber", { version: "14.19", versionNumber: 140_019 }, /14\.19 is too old/],
    ["encoding", { encoding: "SQL_ASCII" }, /encoding is SQL_ASCII/],
    ["fsync", { fsync: "off" }, /fsync is off/],
    ["locks", { locks: 511 }, /max_locks_per_transaction is 511.*512/],
    ["isReadOnly", { isReadOnly: true }, /read-only/],
  ])("is refused for its %s", (_name, change, words) => {
    expect(faultsOf({ ...GOOD, ...change }, false)).toEqual([expect.stringMatching(words)]);
  });

  test("is refused behind a pooler that lends sessions out", () => {
    expect(faultsOf(GOOD, true)).toEqual([expect.stringMatching(/pooler/)]);
  });

  test("is told everything at once", () => {
    expect(faultsOf({ ...GOOD, fsync: "off", locks: 64 }, true)).toHaveLength(3);
  });
});
