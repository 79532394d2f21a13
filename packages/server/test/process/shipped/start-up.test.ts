import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { startEmbedded } from "../../../src/storage/embedded/embedded-server.ts";
import { isAlive, postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { dataDirectory, usedDataDirectories } from "../../support/database/data-directory.ts";
import {
  environmentFor,
  MASTER_KEY,
  runCurlew,
  type ServerProcess,
  startServer,
} from "../../support/processes/server-process.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import { until } from "../../support/until.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 90_000 });

const clock = systemClock();

const usedDataDirectory = usedDataDirectories();

/** What every answer of the command line keeps to: words on stderr, and no stack. */
function expectRefusal(
  { code, stdout, stderr }: Awaited<ReturnType<typeof runCurlew>>,
  asked = 1,
): string {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ code, stdout }).toEqual({ code: asked, stdout: "" });
  return stderr.trim();
}

describe("a start that is refused", () => {
  test("names every variable that is wrong, in one message", async () => {
    const words = expectRefusal(
      await runCurlew(["serve"], {
        CURLEW_PORT: "99999",
        CURLEW_ROLE: "boss",
        DATABASE_URL: "mysql://root:hunter2@localhost/x",
        CURLEW_ALLOW_TARGETS: "10.0.0.0/99",
      }),
    );
    expect(words.split("\n").map((line) => line.trim().split(" ")[0])).toEqual([
      "The",
      "DATABASE_URL",
      "CURLEW_PORT",
      "CURLEW_ROLE",
      "CURLEW_ALLOW_TARGETS",
      "CURLEW_MASTER_KEY",
    ]);
    expect(words).not.toContain("hunter2");
  });

  test("says that its port is taken, and leaves no database running", async () => {
    const dataDir = usedDataDirectory();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo; // it listens on TCP
    const words = expectRefusal(
      await quietly(["serve"], { ...environmentFor({ dataDir }), CURLEW_PORT: `${port}` }),
    );
    expect(words).toMatch(
      new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken\\..*CURLEW_PORT\\.$`),
    );
    expect(nothingRuns(dataDir)).toBe(true);
  });

  test.runIf(process.platform === "linux")(
    "says so when its data directory is to be where nothing can be made",
    async () => {
      const env = environmentFor({ dataDir: "/proc/curlew/data" });
      const words = /^The data directory \/proc\/curlew\/data cannot be made.*CURLEW_DATA_DIR\)\.$/;
      expect(expectRefusal(await runCurlew(["serve"], env))).toMatch(words);
      const withoutKey = { ...env, CURLEW_MASTER_KEY: "" };
      expect(expectRefusal(await runCurlew(["serve"], withoutKey))).toMatch(words);
    },
  );

  test("names the process that uses the data directory, and does not disturb it", async () => {
    const dataDir = usedDataDirectory();
    const first = await startServer({ dataDir });
    const words = expectRefusal(await quietly(["serve"], environmentFor({ dataDir })));
    expect(words).toContain(`in use by another Curlew (process ${first.pid})`);
    expect((await first.call("GET", "/endpoints")).status).toBe(200);
  });

  test("says what to do about a database whose master key is gone", async () => {
    const dataDir = usedDataDirectory();
    const env = { ...environmentFor({ dataDir }), CURLEW_MASTER_KEY: "" };
    const words = expectRefusal(await quietly(["serve"], env));
    expect(words).toMatch(/holds a database but no master key.*CURLEW_MASTER_KEY/);
  });

  test("says so when the master key's file holds something else", async () => {
    const dataDir = usedDataDirectory();
    writeFileSync(join(dataDir, "master-key"), "not a key\n");
    const env = { ...environmentFor({ dataDir }), CURLEW_MASTER_KEY: "" };
    const words = expectRefusal(await quietly(["serve"], env));
    expect(words).toContain("does not hold a master key");
  });
});

describe("the command line", () => {
  test.each([
    ["a flag", ["--prot"], "--prot"],
    ["a flag of a command", ["serve", "--port", "3"], "--port"],
  ])("refuses %s that it does not know, naming it", async (_, args, name) => {
    expect(expectRefusal(await runCurlew(args), 2)).toContain(name);
  });

  test("shows the configuration that the environment makes, without its secrets", async () => {
    const secrets = {
      DATABASE_URL: "postgresql://curlew:hunter2@db.internal/prod",
      CURLEW_MASTER_KEY: `${MASTER_KEY},${Buffer.alloc(32, 9).toString("base64")}`,
      CURLEW_ADMIN_KEY: "correct-horse-battery-staple",
      CURLEW_META_APP_SECRET: "app-secret-one,app-secret-two",
      CURLEW_META_VERIFY_TOKEN: "meatyhamhock",
    };
    const env = { ...secrets, CURLEW_PORT: "9000", CURLEW_PROT: "1" };
    const { code, stdout, stderr } = await runCurlew(["config"], env);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "Warning: CURLEW_PROT is not known; did you mean CURLEW_PORT?\n",
    });
    expect(JSON.parse(stdout)).toMatchObject({
      port: 9000,
      databaseUrl: "[secret]",
      masterKeys: ["[secret]", "[secret]"],
      adminKey: "[secret]",
      meta: { appSecrets: ["[secret]", "[secret]"], verifyToken: "[secret]" },
    });
    for (const secret of Object.values(secrets).flatMap((text) => text.split(","))) {
      expect(stdout).not.toContain(secret);
    }
  });
});

describe("the first start", () => {
  test("shows an admin key that works, once, and logs no secret", async () => {
    const place = { dataDir: dataDirectory() };
    const first = await startServer(place, { CURLEW_ADMIN_KEY: "" });
    const key = /Admin key {2}(curlew_admin_\w+)/.exec(first.output())?.[1] ?? "";
    expect((await first.call("GET", "/endpoints", undefined, { key })).status).toBe(200);
    expect((await first.call("GET", "/endpoints")).status).toBe(401);
    expect(first.output().split(key)).toHaveLength(2);
    expect(await first.stop()).toEqual({ code: 0, signal: null });

    const second = await startServer(place, { CURLEW_ADMIN_KEY: "" });
    expect(second.output()).not.toContain("Admin key");
    expect((await second.call("GET", "/endpoints", undefined, { key })).status).toBe(200);
  });
});

describe("a stop", () => {
  test("ends with code 0, and leaves no PostgreSQL and nothing half-made", async () => {
    const dataDir = usedDataDirectory();
    const server = await startServer({ dataDir });
    const postmaster = postmasterPid(join(dataDir, "pg")) ?? 0;
    expect(isAlive(postmaster)).toBe(true);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(isAlive(postmaster)).toBe(false);
    expect(readdirSync(dataDir).filter((name) => name !== "runtime")).toEqual(["pg"]);
    expect(server.output(), "a stop is nothing to worry about").not.toMatch(/"level":[45]0/);
  });

  test("finishes the attempt that is under way, and does not repeat it", async () => {
    const place = { dataDir: usedDataDirectory() };
    const server = await startServer(place);
    const [customer] = await openShop(server, ["Backend"]);
    customer?.receiver.behave({ status: 200, afterMs: 1_500 });
    await server.call("POST", "/events", { type: "order.placed", data: {} });
    await until("the attempt is under way", () => customer?.receiver.receipts.length === 1);
    expect(await server.stop()).toEqual({ code: 0, signal: null });

    const next = await startServer(place);
    const { body } = await next.call("GET", "/deliveries");
    expect(body.data).toMatchObject([{ state: "delivered", attempts: 1 }]);
    expect(customer?.receiver.receipts).toHaveLength(1);
  });

  test("told twice ends at once, whatever is under way", async () => {
    const dataDir = usedDataDirectory();
    const server = await startServer({ dataDir });
    const [customer] = await openShop(server, ["Backend"]);
    customer?.receiver.behave("hang");
    await server.call("POST", "/events", { type: "order.placed", data: {} });
    await until("an attempt is under way", () => customer?.receiver.receipts.length === 1);
    server.signal("SIGTERM");
    await until("it is stopping", () => server.output().includes("Once more stops at once"));
    server.signal("SIGTERM");
    expect(await server.exited).toEqual({ code: 1, signal: null });
    await until("its PostgreSQL is gone", () => nothingRuns(dataDir));
  });

  test("waits for nobody who keeps a connection and asks nothing more", async () => {
    const server = await startServer({ dataDir: usedDataDirectory() });
    const socket = await openConnection(server, "GET /healthz HTTP/1.1\r\nhost: curlew\r\n\r\n");
    await once(socket, "data");
    const stopped = server.stop();
    const limit = new AbortController();
    const tooLate = clock.sleep(5_000, limit.signal).then(() => "too late");
    expect(await Promise.race([stopped, tooLate])).toEqual({ code: 0, signal: null });
    limit.abort();
  });

  test("is over in its time, whether a receiver hangs, a caller or the database", async () => {
    const place = { dataDir: usedDataDirectory() };
    const toReceiver = await startServer(place);
    const [customer] = await openShop(toReceiver, ["Backend"], { timeout_ms: 60_000 });
    customer?.receiver.behave("hang");
    await toReceiver.call("POST", "/events", { type: "order.placed", data: {} });
    await until("the attempt is under way", () => customer?.receiver.receipts.length === 1);

    const byCaller = await startServer({ dataDir: usedDataDirectory() });
    await openConnection(byCaller, "POST /v1/endpoints HTTP/1.1\r\nhost: curlew\r\n");
    await openConnection(byCaller, "");

    const database = await startEmbedded({
      ...{ dataDir: usedDataDirectory(), maxConnections: 100 },
      ...{ logger: silentLogger(), clock },
    });
    onTestFinished(() => database.stop());
    const onDatabase = await startServer({ databaseUrl: database.url });
    await database.stop();

    const stopping = [toReceiver, byCaller, onDatabase].map((server) => server.stop());
    expect(await Promise.all(stopping)).toEqual(Array(3).fill({ code: 0, signal: null }));

    customer?.receiver.behave(200);
    await startServer(place);
    await until("the attempt is made again", () => customer?.receiver.receipts.length === 2);
  });
});

describe("another master key", () => {
  test("keeps the server from signing, not from serving; with the old key beside it all goes on", async () => {
    const place = { dataDir: usedDataDirectory() };
    const first = await startServer(place);
    const [customer] = await openShop(first, ["Backend"], { retry_schedule: [1, 1, 1] });
    await first.stop();

    const other = Buffer.alloc(32, 9).toString("base64");
    const second = await startServer(place, { CURLEW_MASTER_KEY: other });
    const event = { type: "order.placed", data: {} };
    expect((await second.call("POST", "/events", event)).status).toBe(202);
    await until("it says why", () => second.output().includes("cannot be opened"));
    await second.stop();
    expect(customer?.receiver.receipts).toEqual([]);
    expect(customer?.receiver.unverified).toEqual([]);

    await startServer(place, { CURLEW_MASTER_KEY: `${other},${MASTER_KEY}` });
    await customer?.receiver.next("the event", ({ body }) => body.type === event.type);
  });
});

describe("a server that is killed", () => {
  test("leaves no PostgreSQL, and the next start finds everything", async () => {
    const dataDir = usedDataDirectory();
    const server = await startServer({ dataDir });
    const made = await server.call("POST", "/accounts", { name: "Kept" });
    const postmaster = postmasterPid(join(dataDir, "pg")) ?? 0;
    server.signal("SIGKILL");
    await server.exited;
    await until("its PostgreSQL is gone", () => !isAlive(postmaster));

    const next = await startServer({ dataDir });
    const found = await next.call("GET", `/accounts/${made.body.id}`);
    expect(found.body).toEqual(made.body);
  });
});

/** Without its log, which goes where its words would be looked for. */
function quietly(args: readonly string[], env: Readonly<Record<string, string>>) {
  return runCurlew(args, { ...env, CURLEW_LOG_LEVEL: "silent" });
}

function nothingRuns(dataDir: string): boolean {
  const pid = postmasterPid(join(dataDir, "pg"));
  return pid === null || !isAlive(pid);
}

/** A connection that stands, over which this much has been sent. */
async function openConnection({ url }: ServerProcess, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  if (text !== "") await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}
