import { afterEach, beforeEach, expect, test } from "vitest";
import { openTown, recorder, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("what was committed is accepted, and not recorded again, although a fault of ours comes after it", async () => {
  await town.endpoint();
  const logger = silentLogger();
  let faults = 0;
  const [engine, other] = [
    await town.engine({
      logger,
      onWritten() {
        if (++faults === 1) throw new TypeError("undefined is not a function");
      },
    }),
    await town.engine(),
  ];
  const accept = recorder(engine);
  const accepted = await Promise.all([accept.accept(town.draft()), accept.accept(town.draft())]);
  expect(await town.rows("select id from event order by id")).toEqual(
    accepted.map(({ id }) => ({ id })),
  );
  expect(logger.lines.filter(({ level }) => level === "error")).toMatchObject([
    { message: "what was accepted is carried by nobody until this process ends" },
  ]);

  await town.rows("update process set state = 'dead' where id = $1", [
    engine.membership.current.id,
  ]);
  await other.watchOnce();
  await other.retries.runOnce();
  await other.quiet();
  expect(town.posts).toHaveLength(2);
});
