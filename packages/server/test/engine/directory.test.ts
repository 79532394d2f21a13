import { afterEach, beforeEach, expect, test } from "vitest";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

test("a change of one endpoint opens no other's secret again, and a secret that was sealed anew is opened", async () => {
  const [a, b] = [await town.endpoint(), await town.endpoint()];
  const opened: string[] = [];
  const engine = await town.engine({
    openSecret: (sealed) => {
      opened.push(sealed);
      return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    },
  });
  const publish = async () => {
    await recorder(engine).accept(town.draft());
    await engine.quiet();
  };
  await publish();
  expect(opened).toHaveLength(2);
  await town.change("update endpoint set name = 'Renamed' where id = $1", [a.id]);
  await publish();
  expect(opened).toHaveLength(2);
  await town.change("update endpoint_secret set sealed = 'anew' where endpoint_id = $1", [b.id]);
  await publish();
  expect(opened.slice(2)).toEqual(["anew"]);
  expect(town.posts).toHaveLength(6);
});
