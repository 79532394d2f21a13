import fc from "fast-check";
import { expect, test } from "vitest";
import { TurnQueue } from "./turn-queue.ts";

function queueOf(...items: readonly string[]): TurnQueue<string> {
  const queue = new TurnQueue<string>();
  for (const item of items) queue.push(item.charAt(0), item);
  return queue;
}
const all = () => true;

test("who brings many keeps the one of another waiting for a single turn", () => {
  const queue = queueOf("a1", "a2", "a3", "a4", "b1", "c1", "c2");
  expect(queue.take(4, 10, all)).toEqual(["a1", "b1", "c1", "a2"]);
  expect(queue.take(4, 10, all)).toEqual(["a3", "c2", "a4"]);
  expect(queue.length).toBe(0);
});

test("owners that had no turn come first in the next batch", () => {
  const queue = queueOf("a1", "a2", "b1", "b2", "c1");
  expect(queue.take(1, 10, all)).toEqual(["a1"]);
  expect(queue.take(1, 10, all)).toEqual(["b1"]);
  expect(queue.take(3, 10, all)).toEqual(["c1", "a2", "b2"]);
});

test("what does not fit stays in its place, and costs its owner no turn", () => {
  const queue = queueOf("a1", "a2", "b1");
  expect(queue.take(2, 10, (item) => item !== "a1")).toEqual(["a2", "b1"]);
  expect(queue.lengthOf("a")).toBe(1);
  expect(queue.take(2, 10, all)).toEqual(["a1"]);
});

test("only those who are meant are given a turn, whatever the others have waiting", () => {
  const queue = queueOf("a1", "a2", "a3", "b1", "c1", "b2");
  const isMeant = (owner: string) => owner !== "a";
  expect(queue.hasOf(isMeant)).toBe(true);
  expect(queue.take(9, 1, all, isMeant)).toEqual(["b1", "c1", "b2"]);
  expect(queue.hasOf(isMeant)).toBe(false);
  expect(queue.take(9, 9, all)).toEqual(["a1", "a2", "a3"]);
});

test("it is not looked for ever for what fits", () => {
  const queue = queueOf("a1", "a2", "a3", "a4");
  expect(queue.take(9, 2, (item) => item === "a4")).toEqual([]);
  expect(queue.take(9, 9, all)).toEqual(["a1", "a2", "a3", "a4"]);
});

test("nothing is lost, nothing doubled, and each owner keeps its order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }),
      fc.nat(5),
      (owners, sizes, blocked) => {
        const items = owners.map((owner, at) => `${owner}${String(at).padStart(2, "0")}`);
        const queue = queueOf(...items);
        const out: string[] = [];
        for (const size of sizes) {
          const held = new Set<string>();
          out.push(
            ...queue.take(size, 50, (item) => {
              const owner = item.charAt(0);
              if (held.has(owner) || Number(item.slice(1)) % 6 === blocked % 5) held.add(owner);
              return !held.has(owner);
            }),
          );
        }
        for (const each of queue.take(1_000, 1_000, all)) out.push(each);
        expect([...out].sort((a, b) => (a < b ? -1 : 1))).toEqual(
          [...items].sort((a, b) => (a < b ? -1 : 1)),
        );
        for (const owner of "abcd") {
          const own = (each: readonly string[]) => each.filter((item) => item.startsWith(owner));
          expect(own(out)).toEqual(own(items));
        }
      },
    ),
    { numRuns: 200 },
  );
});
