import { expect, test } from "vitest";
import { judgeHealth, type Standing } from "./health-rules.ts";

const well: Standing = {
  retryRows: 10,
  parkedRows: 0,
  inFlight: 5,
  deadLetters: 0,
  endpointsBehind: 0,
  behindSeconds: 0,
  lostProcesses: 0,
  retryOrphans: 0,
  oldestDueSeconds: 1,
  outboxInDoubt: 0,
  outboxOldestDueSeconds: 0,
  insertFloorAgeSeconds: 0.5,
  settledFloorAgeSeconds: 1,
  livingProcesses: 2,
  partitionDaysAhead: 7,
  clockOffsetSeconds: -0.1,
  lateProcesses: 0,
  heldSeconds: 0,
  isWithoutSendingThread: false,
};

test("an instance that is well has nothing to do", () => {
  const entries = judgeHealth(well);
  expect(entries.length).toBeGreaterThan(8);
  expect(entries.filter(({ level, advice }) => level !== "ok" || advice !== null)).toEqual([]);
});

test.each<[Partial<Standing>, string, string]>([
  [{ oldestDueSeconds: 60 }, "oldest_due", "warning"],
  [{ oldestDueSeconds: 600 }, "oldest_due", "critical"],
  [{ retryOrphans: 1 }, "retry_orphans", "warning"],
  [{ insertFloorAgeSeconds: 61 }, "insert_floor_age", "critical"],
  [{ livingProcesses: 0 }, "living_processes", "critical"],
  [{ partitionDaysAhead: 3 }, "partition_days_ahead", "warning"],
  [{ partitionDaysAhead: 0 }, "partition_days_ahead", "critical"],
  [{ clockOffsetSeconds: -30 }, "clock_offset", "warning"],
  [{ lateProcesses: 1 }, "late_processes", "warning"],
  [{ heldSeconds: 0.5 }, "held", "warning"],
  [{ isWithoutSendingThread: true }, "without_sending_thread", "warning"],
  [{ outboxInDoubt: 10 }, "messages_in_doubt", "warning"],
  [{ parkedRows: 10_000 }, "parked_rows", "warning"],
  [{ inFlight: 2_000 }, "in_flight", "critical"],
  [{ deadLetters: 1 }, "dead_letters", "warning"],
  [{ endpointsBehind: 1, behindSeconds: 86_400 }, "behind", "warning"],
  [{ lostProcesses: 1 }, "lost_processes", "warning"],
])("%j puts %s first, as %s, with what to do", (change, name, level) => {
  const [first] = judgeHealth({ ...well, ...change });
  expect(first).toMatchObject({ name, level, advice: expect.stringMatching(/\.$/) });
});
