import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { parseId } from "../../../src/core/ids.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { dataDirectory } from "../../support/database/data-directory.ts";
import {
  environmentFor,
  runCurlew,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, PHONE_NUMBER_ID, startLoad } from "../load.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 120_000 });

const ENV = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
const HOUR_MS = 3_600_000;

/** A directory for a server that keeps its own master key. */
function homeOf(dataDir: string): Record<string, string> {
  const { CURLEW_MASTER_KEY: _, ...env } = environmentFor({ dataDir });
  return { ...env, ...ENV };
}

const start = (dataDir: string) =>
  startServer({ dataDir }, { ...homeOf(dataDir), CURLEW_MASTER_KEY: "" });

async function queueMessage(server: ServerProcess): Promise<string> {
  const answer = await server.call("POST", "/send", {
    ...{ platform: "whatsapp", to_phone: "+491701234567", text: "It is on its way." },
    send_at: new Date(systemClock().now() + HOUR_MS).toISOString(),
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.message_id;
}

test("a backup that is taken under load is restored elsewhere with everything that was accepted before it, and nothing leaves until it is resumed", async () => {
  const [here, there] = [dataDirectory(), dataDirectory()];
  const file = join(there, "..", `backup-${process.pid}.curlew`);
  const a = await start(here);
  const customers = await openShop(a, ["Steady", "Down"], { retry_schedule: [1, 1, 3_600] });
  customers[1]?.receiver.behave(() => 503);
  mkdirSync(join(here, "media/in"), { recursive: true });
  writeFileSync(join(here, "media/in/photo"), "a photo");
  const load = startLoad(Array.from({ length: 6 }, () => () => a));
  await until("callers are answered", () => load.accepted.size >= 100);
  const message = await queueMessage(a);
  const before = [...load.accepted.values()];
  const backup = await runCurlew(["backup", file, "--media", "--with-key"], homeOf(here));
  expect(backup, backup.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(backup.stdout).toContain("1 media file");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await load.stop();
  await a.stop();

  const restored = await runCurlew(["restore", file], homeOf(there));
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(restored.stdout).toContain("curlew resume");
  expect(restored.stdout).toContain("1 message to customers");
  expect(readFileSync(join(there, "media/in/photo"), "utf8")).toBe("a photo");
  expect(readFileSync(join(there, "master-key"), "utf8")).toBe(
    readFileSync(join(here, "master-key"), "utf8"),
  );

  const seen = customers.map(({ receiver }) => receiver.receipts.length);
  const b = await start(there);
  const health = await b.call("GET", "/health");
  expect(health.body.data).toContainEqual(
    expect.objectContaining({ name: "held", level: "warning" }),
  );
  expect(b.output()).toContain("curlew resume lets them leave");
  const fresh = await b.call("POST", "/events", { type: "order.placed", data: {} });
  expect(fresh.status).toBe(202);
  await until("it has taken over what the dead server carried", async () => {
    const { body } = await b.call("GET", "/health");
    const rows = body.data.find((entry: { name: string }) => entry.name === "living_processes");
    return rows.value === 1;
  });
  expect(customers.map(({ receiver }) => receiver.receipts.length)).toEqual(seen);
  for (const event of [before[0], before.at(-1)]) {
    expect((await b.call("GET", `/events/${event}`)).status).toBe(200);
  }

  const resumed = await runCurlew(["resume", "--cancel-messages"], homeOf(there));
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  expect(resumed.stdout).toContain("1 message cancelled");
  customers[1]?.receiver.behave(() => 200);
  const isThere = (id: string) =>
    customers.every(({ receiver }) =>
      receiver.receipts.some(
        (receipt) => parseId("evt", receipt.id) === parseId("evt", id) && receipt.answered === 200,
      ),
    );
  await until("what is accepted now arrives", async () => isThere(fresh.body.id), 30_000);
  await b.call("POST", `/endpoints/${customers[1]?.id}/replay`, {
    since: new Date(0).toISOString(),
  });
  await until(
    "everything that was accepted before the backup has arrived, under its id",
    () => before.every(isThere),
    60_000,
  );
  await until("the message has failed", async () => {
    const { body } = await b.call("GET", `/messages/${message}`);
    return body.status === "failed" && body.error.code === "cancelled";
  });
  const again = await runCurlew(["resume"], homeOf(there));
  expect(again.stdout).toBe("Nothing is held back.\n");
  await b.stop();
});

test("a backup says what is missing, and what is in the way of a restore, in words", async () => {
  const [here, there] = [dataDirectory(), dataDirectory()];
  const a = await start(here);
  const channel = {
    ...{ kind: "whatsapp", name: "Shop", external_id: PHONE_NUMBER_ID },
    credentials: { access_token: "EAAtest" },
  };
  expect((await a.call("POST", "/channels", channel)).status).toBe(201);
  await a.stop();
  const file = join(here, "a.curlew");

  const taken = await runCurlew(["backup", file], homeOf(here));
  expect(taken, taken.stderr).toMatchObject({ code: 0 });
  expect(taken.stdout).toContain("which is not in it");
  expect(existsSync(`${file}.unfinished`)).toBe(false);
  expect((await runCurlew(["backup", file], homeOf(here))).stderr).toContain("exists already");
  expect((await runCurlew(["backup", "x"], homeOf(there))).stderr).toContain(
    `There is no database in ${there}`,
  );

  expect((await runCurlew(["restore", file, "--check"], homeOf(there))).stdout).toMatch(
    /It is whole: \d+ tables, 0 media files, no master key\.\n$/,
  );
  const refused = await runCurlew(["restore", file], homeOf(there));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /was sealed with the master key [0-9a-f]{8}, which is not among yours/,
  );
  expect(existsSync(join(there, "pg"))).toBe(false);
  expect((await runCurlew(["restore", file], homeOf(here))).stderr).toMatch(
    /^This database is not empty/,
  );

  const bytes = readFileSync(file);
  writeFileSync(join(there, "cut.curlew"), bytes.subarray(0, bytes.length - 200));
  expect((await runCurlew(["restore", join(there, "cut.curlew")], homeOf(there))).stderr).toMatch(
    /^The backup is damaged/,
  );
  const key = await runCurlew(["export-key"], homeOf(here));
  expect(key.stdout).toBe(readFileSync(join(here, "master-key"), "utf8"));
  expect(key.stderr).toContain("If it is lost");
  expect((await runCurlew(["export-key", "--from", file], homeOf(here))).stderr).toBe(
    "This backup was taken without its key.\n",
  );
  const without = await runCurlew(["restore", file, "--without-key"], homeOf(there));
  expect(without, without.stderr).toMatchObject({ code: 0 });
});
