import { expect, test } from "vitest";
import { Outage } from "./outage.ts";

function outage() {
  const database = { isHeard: true };
  return { database, outage: new Outage(() => database.isHeard) };
}

const never = () => new Promise<void>(() => {});
const unavailable = expect.objectContaining({ code: "unavailable", retryAfterS: 5 });

test("what is under way when the database falls silent is answered that its end is not known", async () => {
  const { database, outage: it } = outage();
  const underWay = expect(it.guard(never)).rejects.toThrow("whether this was done is not known");
  database.isHeard = false;
  it.look();
  it.look();
  await underWay;
});

test("what comes while it is silent is refused before anything is done", async () => {
  const { database, outage: it } = outage();
  database.isHeard = false;
  it.look();
  it.look();
  let isBegun = false;
  const begin = async () => {
    isBegun = true;
  };
  await expect(it.guard(begin)).rejects.toEqual(unavailable);
  expect(isBegun).toBe(false);
});

test("from the moment that it is heard again, what comes is taken", async () => {
  const { database, outage: it } = outage();
  database.isHeard = false;
  it.look();
  it.look();
  database.isHeard = true;
  await expect(it.guard(async () => {})).resolves.toBeUndefined();
});

test("a process that was too busy to listen for a moment refuses nobody", async () => {
  const { database, outage: it } = outage();
  let finish = () => {};
  const underWay = it.guard(() => new Promise<void>((resolve) => (finish = resolve)));
  database.isHeard = false;
  it.look();
  await expect(it.guard(async () => {})).resolves.toBeUndefined();
  database.isHeard = true;
  it.look();
  finish();
  await expect(underWay).resolves.toBeUndefined();
});
