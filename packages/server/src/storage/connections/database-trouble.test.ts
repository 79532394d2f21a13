import pg from "pg";
import { describe, expect, test } from "vitest";
import { troubleOf } from "./database-trouble.ts";
import { DatabaseAway } from "./gate.ts";

function sqlError(code: string): Error {
  return Object.assign(new pg.DatabaseError("as the server put it", 0, "error"), { code });
}

const systemError = (code: string) => Object.assign(new Error(code), { code });

describe("an error tells whether the database was in trouble", () => {
  test.each([
    ["no connection was to be had", new DatabaseAway("The database is away"), "away"],
    ["the connection ended", new Error("Connection terminated unexpectedly"), "lost"],
    ["the socket was reset", systemError("ECONNRESET"), "lost"],
    ["the server was shut down", sqlError("57P01"), "lost"],
    ["the disk is full", sqlError("53100"), "disk_full"],
    ["there is no memory", sqlError("53200"), "no_room"],
  ])("when %s", (_, error, trouble) => {
    expect(troubleOf(error)).toBe(trouble);
  });

  test.each([
    ["a unique key", sqlError("23505")],
    ["a file that is not there", systemError("ENOENT")],
    ["a fault of ours", new TypeError("undefined is not a function")],
  ])("but %s is another matter", (_, error) => {
    expect(troubleOf(error)).toBeNull();
  });
});
