import { expect, onTestFinished, test } from "vitest";
import {
  isLockTimeout,
  limitLockWaits,
  listLockHolders,
} from "../../src/storage/connections/lock-waits.ts";
import { createTestDatabase } from "../support/database/database.ts";

async function clientsOn(count: number) {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const pool = database.connections.lane("try", count);
  const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
  onTestFinished(() => {
    for (const client of clients) client.release(true);
  });
  return clients;
}

test("a session waits for a lock for as long as it may, and who holds it is named", async () => {
  const [holder, reader, waiter] = await clientsOn(3);
  await holder?.query("begin; select from instance for update");
  await reader?.query("begin; select from instance");
  if (!waiter) throw new Error("there are three");
  expect(await limitLockWaits(waiter, 200)).toBe("200ms");
  expect(await limitLockWaits(waiter, 50), "what is set stands").toBe("200ms");
  const refused: unknown = await waiter
    .query("update instance set held_reason = 'x'")
    .catch((error: unknown) => error);
  expect(isLockTimeout(refused)).toBe(true);
  const holders = await listLockHolders(waiter, "instance");
  const seconds = expect.any(Number);
  expect(holders).toEqual([{ pid: expect.any(Number), name: "curlew test try", seconds }]);
  expect(await listLockHolders(waiter, "endpoint")).toEqual([]);
});
