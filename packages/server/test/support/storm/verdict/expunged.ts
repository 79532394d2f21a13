import { storedRows } from "../../database/stored-rows.ts";
import { saidOf } from "../callers.ts";
import type { Rule } from "./evidence.ts";

/** Of days whose bodies are over no body stands anywhere. */
export const bodiesAreGone: Rule = async ({ storm, events }, wrong) => {
  const [mustBeGone] = storm.firstBodies;
  const over = events.filter(({ id }) => id < mustBeGone);
  if (over.length === 0) return;
  const rows = await storedRows(storm.town.database.connections.pool);
  const own = rows.filter((row) => !row.startsWith("public.seen_"));
  for (const { id, number } of over) {
    if (number === null) continue;
    const left = own.find((row) => row.includes(saidOf(number)));
    if (left) wrong(`of ${id} there is still ${left}`);
  }
};
