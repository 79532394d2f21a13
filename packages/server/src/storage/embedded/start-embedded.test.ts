import { expect, test } from "vitest";
import { whyItEnded } from "./start-embedded.ts";

test("a full disk is called by its name", () => {
  const log =
    'PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device\nLOG:  aborted';
  expect(whyItEnded({ how: "signal 6", log }, "/data")).toContain("the disk of /data is full");
});

test("any other end is told with PostgreSQL's last words", () => {
  const told = whyItEnded({ how: "exit code 1", log: "FATAL:  it is Monday\n" }, "/data");
  expect(told).toContain("exit code 1");
  expect(told).toContain("it is Monday");
});
