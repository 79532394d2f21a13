import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { askOnce } from "../../support/database/embedded-home.ts";
import { hasPostgres15, startPostgres15 } from "../../support/database/local-postgres.ts";
import {
  canaries,
  filesWith,
  ofType,
  PUBLIC,
  setStage,
} from "../../support/processes/purging-number.ts";
import { startServer } from "../../support/processes/server-process.ts";
import type { Receipt } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 180_000 });

test("in the files of PostgreSQL 15, after a stop and after a crash, there is no body and no key", async ({
  skip,
}) => {
  skip(!hasPostgres15, "/usr/lib/postgresql/15 is not here");
  const postgres = await startPostgres15();
  const place = { databaseUrl: postgres.url };
  const key = randomBytes(32);
  const env = { CURLEW_MASTER_KEY: key.toString("base64") };
  const { server, receiver, say } = await setStage({ place }, {}, env);
  const keys = [key, key.toString("hex"), key.toString("base64")];
  const [short, long] = canaries();
  const planted = randomBytes(700).toString("hex");
  const told = (text: string) => (receipt: Receipt) =>
    receipt.body.data.message?.content?.text === text;

  expect(await say(server, "SM1", short)).toBe(200);
  expect(await say(server, "SM2", long)).toBe(200);
  for (const text of [short, long]) await receiver.next("the body", told(text));
  const own = { type: "order.shipped", data: { planted } };
  expect((await server.call("POST", "/events", own)).status).toBe(202);
  await receiver.next("the planted one", ofType("order.shipped"));
  await until("both receipts are written", async () => {
    const rows = await askOnce(postgres.url, "select 1 from event where type = 'message.purged'");
    return rows.length === 2;
  });
  // Pages, statistics and the log get what there is to get.
  await askOnce(postgres.url, "analyze");
  await askOnce(postgres.url, "checkpoint");
  await server.stop();
  await postgres.stop("fast");
  const found = filesWith(postgres.directory, [planted]);
  expect(found.some((name) => name.startsWith("pg_wal/"))).toBe(true);
  expect(found.some((name) => name.startsWith("base/"))).toBe(true);
  expect(filesWith(postgres.directory, [short, long, ...keys])).toEqual([]);

  await postgres.start();
  const next = await startServer(place, { ...env, CURLEW_PUBLIC_URL: PUBLIC });
  const [shorter, longer] = canaries();
  receiver.behave("hang");
  await say(next, "SM3", shorter);
  await say(next, "SM4", longer);
  for (const text of [shorter, longer]) await receiver.next("a body in flight", told(text));
  await next.kill();
  await postgres.stop("crash");
  const all = [short, long, shorter, longer, ...keys];
  expect(filesWith(postgres.directory, all)).toEqual([]);
  // What recovery writes anew holds nothing of them either.
  await postgres.start();
  await postgres.stop("fast");
  expect(filesWith(postgres.directory, all)).toEqual([]);
});
