import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { readConfig } from "../../../src/config/config.ts";
import { keepKeys, readKeptKeys } from "../../../src/config/master-key.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { keyIdOf } from "../../../src/runtime/secrets/vault.ts";
import { placeOf } from "../../../src/storage/embedded/start-embedded.ts";
import { countByKey } from "../../../src/storage/instance/sealed-columns.ts";
import { rotateMasterKey } from "../../../src/upkeep/rotate-master-key.ts";
import { dataDirectory } from "../../support/database/data-directory.ts";
import { askOnce } from "../../support/database/embedded-home.ts";
import { createSharedHome, type ServerHome } from "../../support/processes/server-home.ts";
import {
  beginCurlew,
  environmentFor,
  runCurlew,
  startServer,
} from "../../support/processes/server-process.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import { until } from "../../support/until.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 120_000 });

const [OLD, NEW] = [1, 2].map((n) => Buffer.alloc(32, n));
const base64 = (...keys: (Buffer | undefined)[]) =>
  keys.map((key) => key?.toString("base64")).join(",");
/** On two cores that others use too. */
const START_LIMIT_MS = 45_000;
const event = { type: "order.placed", data: {} };

async function keysInUse(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return [...(await countByKey(client)).keys()];
  } finally {
    await client.end();
  }
}

test("the key that a data directory holds is changed under a running server, which goes on signing", async () => {
  const dataDir = dataDirectory();
  const { CURLEW_MASTER_KEY: _, ...env } = environmentFor({ dataDir });
  const server = await startServer({ dataDir }, { CURLEW_MASTER_KEY: "" });
  const [customer] = await openShop(server, ["Backend"]);
  const file = join(dataDir, "master-key");
  const old = readFileSync(file, "utf8");
  const [oldKey] = (await readKeptKeys(dataDir)) ?? [];
  const oldId = keyIdOf(oldKey ?? new Uint8Array());

  const rotated = await runCurlew(["rotate-master-key"], env);
  expect(rotated, rotated.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(rotated.stdout).toMatch(/^3 values sealed anew with the master key [0-9a-f]{8}\.$/m);
  const [newKey, ...more] = (await readKeptKeys(dataDir)) ?? [];
  expect(more).toEqual([]);
  const newId = keyIdOf(newKey ?? new Uint8Array());
  expect(newId).not.toBe(oldId);
  expect(await keysInUse(placeOf(dataDir).url)).toEqual([newId]);
  expect(readFileSync(join(dataDir, `master-key.${oldId}`), "utf8")).toBe(old);

  await server.call("POST", "/events", event);
  await customer?.receiver.next("the event", ({ body }) => body.type === event.type);
  // What is made now is sealed with the new key, and what was sealed anew is opened by the next start.
  await openShopEndpoint(server, customer?.receiver.url ?? "");
  expect(await keysInUse(placeOf(dataDir).url)).toEqual([newId]);
  await server.stop();
  const next = await startServer({ dataDir }, { CURLEW_MASTER_KEY: "" });
  await next.call("POST", "/events", event);
  await customer?.receiver.next("the second", ({ body }) => body.type === event.type);
  expect(customer?.receiver.unverified).toEqual([]);
  expect(next.output()).not.toContain("cannot be opened");
  await next.stop();
});

async function openShopEndpoint(
  server: Awaited<ReturnType<typeof startServer>>,
  url: string,
): Promise<void> {
  const answer = await server.call("POST", "/endpoints", { name: "More", url, events: ["x.y"] });
  expect(answer.status).toBe(201);
}

test("a change of the key that was killed goes on where it was", async () => {
  const dataDir = dataDirectory();
  const { CURLEW_MASTER_KEY: _, ...env } = environmentFor({ dataDir });
  const server = await startServer({ dataDir }, { CURLEW_MASTER_KEY: "" });
  await openShop(server, ["Backend"]);
  await server.stop();
  // As it is killed after it made the new key, and before it sealed anything.
  const kept = (await readKeptKeys(dataDir)) ?? [];
  await keepKeys(dataDir, [NEW ?? new Uint8Array(), ...kept]);
  const rotated = await runCurlew(["rotate-master-key"], env);
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(rotated.stdout).toContain("Going on with what an earlier run has begun.");
  expect(await readKeptKeys(dataDir)).toEqual([NEW]);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("master-key.")).length).toBe(1);
});

test("a change of the key that is killed in the midst of sealing hinders nobody, and the same command ends it", async () => {
  const dataDir = dataDirectory();
  const { CURLEW_MASTER_KEY: _, ...env } = environmentFor({ dataDir });
  const start = () => startServer({ dataDir }, { CURLEW_MASTER_KEY: "" });
  const server = await start();
  const customers = await openShop(server, ["One", "Two", "Three"], {
    headers: { "x-own": "header" },
  });
  const { url } = placeOf(dataDir);
  const blocker = new pg.Client({ connectionString: url });
  blocker.on("error", () => {});
  await blocker.connect();
  // It comes to the last of the signing secrets, and waits there.
  await blocker.query("begin");
  await blocker.query("select from endpoint_secret order by id::text desc limit 1 for update");
  const rotating = await beginCurlew(["rotate-master-key"], env);
  // On a connection of its own: what goes on elsewhere stands still in a transaction.
  const isWaiting = async () => {
    const waiting = await askOnce(
      url,
      "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'update endpoint_secret%'",
    );
    return waiting.length === 1;
  };
  await until("most of it is sealed anew", isWaiting, START_LIMIT_MS);
  await rotating.kill();
  await blocker.query("rollback");
  await blocker.end();
  const between = await keysInUse(url);
  expect(between, "some with the one, some with the other").toHaveLength(2);

  const arrives = async (running: typeof server, key: string) => {
    const { status } = await running.call("POST", "/events", { ...event, data: { key } });
    expect(status).toBe(202);
    for (const { receiver } of customers) {
      const { headers } = await receiver.next(key, ({ body }) => body.data.key === key);
      expect(headers["x-own"]).toBe("header");
    }
  };
  await arrives(server, "beside the running server");
  await server.kill();
  const next = await start();
  await arrives(next, "after a start in between");

  const ended = await runCurlew(["rotate-master-key"], env);
  expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toContain("Going on with what an earlier run has begun.");
  const kept = (await readKeptKeys(dataDir)) ?? [];
  expect(await keysInUse(url)).toEqual(kept.map(keyIdOf));
  await arrives(next, "with the new key alone");
  await next.stop();
  const last = await start();
  await arrives(last, "after a start with the new key alone");
  expect(last.output()).not.toContain("cannot be opened");
  expect(customers.flatMap(({ receiver }) => receiver.unverified)).toEqual([]);
  await last.stop();
});

test("a change of the key that a locked row holds up says in words by whom, and the same command ends it", async () => {
  const home = await createSharedHome();
  const url = "databaseUrl" in home.place ? home.place.databaseUrl : "";
  const env = { ...environmentFor(home.place), CURLEW_MASTER_KEY: base64(NEW, OLD) };
  const server = await startServer(home.place, { CURLEW_MASTER_KEY: base64(OLD) });
  await openShop(server, ["Backend"], { headers: { "x-own": "header" } });
  await server.stop();
  const impatient = new URL(url);
  impatient.searchParams.set("options", "-c lock_timeout=300ms");

  const letGo = await home.hold("select from endpoint_secret for update");
  const stuck = await runCurlew(["rotate-master-key"], { ...env, DATABASE_URL: impatient.href });
  expect(stuck).toMatchObject({ code: 1, stdout: "" });
  expect(stuck.stderr).toMatch(/^A row of the table endpoint_secret stayed locked for 300ms, /);
  expect(stuck.stderr).toContain("Nothing is lost");
  expect(stuck.stderr).toContain("the same command goes on where this one stopped");
  expect(stuck.stderr).toMatch(/^ {2}\d+ \(without a name\), in a transaction for \d+ s$/m);
  expect(stuck.stderr, "words, and no stack").not.toMatch(/^ +at /m);
  expect(await keysInUse(url), "some with the one, some with the other").toHaveLength(2);

  await letGo();
  const ended = await runCurlew(["rotate-master-key"], env);
  expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: "" });
  expect(await keysInUse(url)).toEqual([keyIdOf(NEW ?? new Uint8Array())]);
});

test("while the key is changed the command says how far it is, and nobody begins it a second time", async () => {
  const home = await createSharedHome();
  const env = { ...environmentFor(home.place), CURLEW_MASTER_KEY: base64(NEW, OLD) };
  const server = await startServer(home.place, { CURLEW_MASTER_KEY: base64(OLD) });
  await openShop(server, ["One", "Two"], { headers: { "x-own": "header" } });
  await server.stop();
  const letGo = await home.hold(
    "select from endpoint_secret order by id desc limit 1 for update nowait",
  );
  const said: string[] = [];
  let tenSeconds: (() => void) | undefined;
  const clock = {
    ...systemClock(),
    sleep: () => new Promise<void>((over) => (tenSeconds = over)),
  };
  const logger = silentLogger();
  const print = (text: string) => void said.push(text);
  const first = rotateMasterKey({ config: readConfig(env), version: "1", clock, logger, print });
  await until("it waits for the row that is locked", async () => {
    const waiting = await home.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'update endpoint_secret%'",
    );
    return waiting.length === 1;
  });
  tenSeconds?.();
  const newId = keyIdOf(NEW ?? new Uint8Array());
  await until("it has said something", () => said.length > 0);
  expect(said).toEqual([`4 of 6 values sealed anew with the master key ${newId}.`]);
  const second = await runCurlew(["rotate-master-key"], env);
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/^Another rotate-master-key is under way/);

  await letGo();
  await first;
  expect(said).toContain(`6 values sealed anew with the master key ${newId}.`);
});

test("where the old key cannot be put away, it stays where it is", async () => {
  const dataDir = dataDirectory();
  const { CURLEW_MASTER_KEY: _, ...env } = environmentFor({ dataDir });
  const server = await startServer({ dataDir }, { CURLEW_MASTER_KEY: "" });
  await server.stop();
  const [old = new Uint8Array()] = (await readKeptKeys(dataDir)) ?? [];
  const inTheWay = join(dataDir, `master-key.${keyIdOf(old)}`);
  mkdirSync(join(inTheWay, "something"), { recursive: true });
  const stuck = await runCurlew(["rotate-master-key"], env);
  expect(stuck.code).toBe(1);
  expect(stuck.stderr).toMatch(/^The master key cannot be kept in /);
  expect((await readKeptKeys(dataDir))?.map(keyIdOf)).toContain(keyIdOf(old));

  rmSync(inTheWay, { recursive: true });
  const ended = await runCurlew(["rotate-master-key"], env);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(inTheWay, "utf8").trim()).toBe(Buffer.from(old).toString("base64"));
});

test("with keys from the environment nothing is sealed anew before every process has the new one", async () => {
  const home: ServerHome = await createSharedHome();
  const url = "databaseUrl" in home.place ? home.place.databaseUrl : "";
  const env = environmentFor(home.place);
  const start = (keys: string) => startServer(home.place, { CURLEW_MASTER_KEY: keys });
  const a = await start(base64(OLD));
  await openShop(a, ["Backend"]);
  const b = await start(base64(NEW, OLD));
  const rotate = (keys: string) =>
    runCurlew(["rotate-master-key"], { ...env, CURLEW_MASTER_KEY: keys });

  const alone = await rotate(base64(OLD));
  expect(alone.stdout).toContain("openssl rand -base64 32");
  const early = await rotate(base64(NEW, OLD));
  expect(early.code).toBe(1);
  expect(early.stderr).toMatch(new RegExp(`Nothing was changed.*\n {2}.* ${a.pid} \\(`));
  expect(early.stderr).not.toContain(` ${b.pid} (`);
  expect(await keysInUse(url)).toEqual([keyIdOf(OLD ?? new Uint8Array())]);

  await a.stop();
  const rotated = await rotate(base64(NEW, OLD));
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(rotated.stdout).toContain(`${keyIdOf(OLD ?? new Uint8Array())} can go`);
  await b.stop();

  const c = await start(base64(NEW));
  expect(c.output()).not.toContain("cannot be opened");
  await c.stop();
  const wrong = await start(base64(OLD));
  const said = wrong.output().match(/cannot be opened/g) ?? [];
  expect(said, "once, not for each").toHaveLength(1);
  expect(wrong.output()).toContain(keyIdOf(NEW ?? new Uint8Array()));
  await wrong.stop();
});
