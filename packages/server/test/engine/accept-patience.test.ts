import { afterAll, beforeAll, expect, test } from "vitest";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.end());

/** An acceptor, and how many of its units have run, in a process that is behind with sending. */
async function openAcceptor(o: { backlog: () => number; bringsWebhooks: boolean }) {
  const engine = await town.engine({ backlog: o.backlog });
  const ran: number[] = [];
  const acceptor = engine.makeAcceptor<number, number>({
    name: "patient",
    maxUnits: 10,
    bringsWebhooks: o.bringsWebhooks,
    async run({ tx }, units) {
      await tx.query("select 1");
      ran.push(...units);
      return [...units];
    },
  });
  return { acceptor, ran };
}

/** So much time passes, in the steps in which it is looked again. */
async function pass(ms: number, sleeping: number): Promise<void> {
  for (let past = 0; past < ms; past += 4) {
    await town.clock.whenSleeping(sleeping + 1);
    await town.clock.advance(4);
  }
}

test("while webhooks gather that are not sent fast enough, who publishes waits, a tenth of a second at most", async () => {
  const { acceptor, ran } = await openAcceptor({ backlog: () => 300, bringsWebhooks: true });
  const sleeping = town.clock.sleeping;
  const answer = acceptor.accept(1);
  await pass(96, sleeping);
  await town.clock.whenSleeping(sleeping + 1);
  expect(ran).toEqual([]);
  await town.clock.advance(4);
  expect(await answer).toBe(1);
});

test("who waits for webhooks to leave goes on as soon as they have", async () => {
  let backlog = 300;
  const { acceptor, ran } = await openAcceptor({ backlog: () => backlog, bringsWebhooks: true });
  const sleeping = town.clock.sleeping;
  const answers = [acceptor.accept(1), acceptor.accept(2)];
  await pass(8, sleeping);
  await town.clock.whenSleeping(sleeping + 1);
  expect(ran).toEqual([]);
  backlog = 10;
  await town.clock.advance(4);
  expect(await Promise.all(answers)).toEqual([1, 2]);
});

test("what brings no webhooks does not wait for any", async () => {
  const { acceptor } = await openAcceptor({ backlog: () => 300, bringsWebhooks: false });
  expect(await acceptor.accept(1)).toBe(1);
});
