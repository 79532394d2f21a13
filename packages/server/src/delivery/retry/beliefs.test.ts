import { describe, expect, test } from "vitest";
import { Beliefs } from "./beliefs.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;

describe("what a process believes of an endpoint's retries", () => {
  test("is looked for from a little before what was hinted", () => {
    const beliefs = new Beliefs();
    beliefs.hint(7, NOW);
    expect(beliefs.due(NOW - 1)).toEqual([]);
    expect(beliefs.due(NOW)).toEqual([7]);
    expect(beliefs.claiming(7)).toBe(NOW - 5_000);
  });

  test("follows what was claimed, so that dead rows are not read again", () => {
    const beliefs = new Beliefs();
    beliefs.hint(7, NOW - MINUTE);
    beliefs.claimed(7, beliefs.claiming(7), NOW);
    expect(beliefs.claiming(7)).toBe(NOW - 5_000);
  });

  test("does not pass by what was hinted while the claim was under way, however long it has been due", () => {
    const beliefs = new Beliefs();
    beliefs.look(7, NOW);
    const from = beliefs.claiming(7);
    beliefs.hint(7, NOW - MINUTE);
    beliefs.claimed(7, from, NOW);
    expect(beliefs.claiming(7)).toBe(NOW - MINUTE - 5_000);
  });

  test("keeps what was hinted while it was asked for the next one", () => {
    const beliefs = new Beliefs();
    beliefs.hint(7, NOW);
    beliefs.peeking(7);
    beliefs.hint(7, NOW + 300);
    beliefs.peeked(7, undefined, NOW);
    expect(beliefs.nextCheckAt()).toBe(NOW + 300);
  });

  test("stays when the question for the next one gets no answer", () => {
    const beliefs = new Beliefs();
    beliefs.hint(7, NOW);
    beliefs.peeking(7);
    expect(beliefs.due(NOW)).toEqual([7]);
  });

  test("ends when nothing waits", () => {
    const beliefs = new Beliefs();
    beliefs.hint(7, NOW);
    beliefs.peeking(7);
    beliefs.peeked(7, undefined, NOW);
    expect(beliefs.size).toBe(0);
    expect(beliefs.nextCheckAt()).toBeNull();
  });
});
