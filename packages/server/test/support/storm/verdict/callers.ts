import type { EventRow, Rule } from "./evidence.ts";

/** What was answered is there, and whatever is there was asked for, once. */
export const askedFor: Rule = ({ storm, events }, wrong) => {
  const byNumber = new Map<number, EventRow[]>();
  for (const event of events) {
    if (event.number === null) continue;
    byNumber.set(event.number, [...(byNumber.get(event.number) ?? []), event]);
  }
  const asked = new Set<number>();
  for (const { numbers, hasKey, answer } of storm.callers.asked) {
    for (const [at, number] of numbers.entries()) {
      asked.add(number);
      const made = byNumber.get(number) ?? [];
      if (made.length > 1) wrong(`number ${number} has ${made.length} events`);
      if (answer === null) continue;
      if (answer instanceof Error) {
        if (!hasKey && made.length > 0) wrong(`number ${number} was refused, and is there`);
      } else if (answer[at]?.id !== made[0]?.id)
        wrong(`number ${number} was answered with another id`);
    }
  }
  for (const number of byNumber.keys()) {
    if (!asked.has(number)) wrong(`number ${number} was asked for by nobody`);
  }
};

/** An event is for whoever collected when it was accepted, and the log shows each once, in order. */
export const addressed: Rule = ({ storm, events }, wrong) => {
  const feed = new Set(storm.feed);
  // What is dropped with its day may be gone before it can be shown.
  const there = events.filter(({ id, isClosed }) => !isClosed || feed.has(id)).map(({ id }) => id);
  if (storm.feed.join() !== there.join()) {
    wrong(`the feed showed ${storm.feed.join()}, and there are ${there.join()}`);
  }
  for (const { id, targets, expected } of events) {
    if (targets.join() !== expected.join()) {
      wrong(`${id} is for ${targets.join()}, and was to be for ${expected.join()}`);
    }
  }
};
