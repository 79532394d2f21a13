import { sql } from "kysely";
import type { PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../src/core/outside/clock.ts";
import type { Logger } from "../../src/core/outside/log.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import {
  type Connections,
  openConnections,
  type Tx,
} from "../../src/storage/connections/connections.ts";
import { DatabaseAway } from "../../src/storage/connections/gate.ts";
import { createEmptyTestDatabase, type TestDatabase } from "../support/database/database.ts";
import { startDatabaseProxy } from "../support/database/database-proxy.ts";
import { startRefusal } from "../support/database/start-refusal.ts";
import { withDatabase } from "../support/database/test-server.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

let database: TestDatabase;
let connections: Connections;
beforeEach(async () => {
  database = await createEmptyTestDatabase();
  connections = database.connections;
  await connections.pool.query("create table note (id int primary key, at timestamptz)");
});
afterEach(() => database.drop());

describe("a session", () => {
  test("has the settings that Curlew's promises rest on, in lanes too", async () => {
    for (const pool of [connections.pool, connections.lane("other", 1)]) {
      const { rows } = await pool.query(
        `select name, setting from pg_settings where name in ('synchronous_commit', 'TimeZone',
           'statement_timeout', 'idle_in_transaction_session_timeout') order by name collate "C"`,
      );
      expect(rows.map(({ name, setting }) => `${name} ${setting}`)).toEqual([
        "TimeZone UTC",
        "idle_in_transaction_session_timeout 4500",
        "statement_timeout 30000",
        "synchronous_commit on",
      ]);
    }
  });

  test("says whose it is", async () => {
    const lane = connections.lane("settle", 1);
    const { rows } = await lane.query("select current_setting('application_name') as name");
    expect(rows).toEqual([{ name: "curlew test settle" }]);
  });

  test("keeps an instant to the millisecond, by hand and by Kysely", async () => {
    const at = Date.UTC(2026, 2, 2, 9, 30, 15, 123);
    await connections.pool.query({
      text: "insert into note values (1, $1)",
      values: [new Date(at)],
    });
    const { rows } = await sql<{ at: number; n: number }>`
      select at, 5::bigint as n from note where at = ${new Date(at)}`.execute(connections.db);
    expect(rows).toEqual([{ at, n: 5 }]);
  });
});

describe("a transaction", () => {
  test("is kept whole", async () => {
    const answer = await connections.transaction(async (tx) => {
      await insert(tx, 1);
      await insert(tx, 2);
      return "done";
    });
    expect(answer).toBe("done");
    expect(await ids()).toEqual([1, 2]);
  });

  test("is dropped whole, and its connection goes on", async () => {
    const failing = connections.transaction(async (tx) => {
      await insert(tx, 1);
      throw new Error("changed our mind");
    });
    await expect(failing).rejects.toThrow("changed our mind");
    expect(await ids()).toEqual([]);
    expect(connections.pool.totalCount).toBe(1);
  });

  test("does not pass for kept when an error in it was swallowed", async () => {
    const failing = connections.transaction(async (tx) => {
      await insert(tx, 1);
      await insert(tx, 1).catch(() => {});
    });
    await expect(failing).rejects.toThrow("swallowed");
    expect(await ids()).toEqual([]);
  });

  test("takes no statement after its end", async () => {
    let kept: Tx | undefined;
    await connections.transaction(async (tx) => {
      kept = tx;
    });
    await expect(kept?.query("select 1")).rejects.toThrow("already ended");
  });

  test("begins on another connection when the one at hand has died", async () => {
    const proxy = await startDatabaseProxy(database.url);
    const own = await open(proxy.url);
    await own.pool.query("select 1");
    expect(own.pool.idleCount).toBe(1);
    // Nothing is awaited in between: the pool has not heard yet that its idle client is dead.
    proxy.cut();
    await own.transaction((tx) => insert(tx, 1));
    expect(await ids()).toEqual([1]);
    await own.close();
    await proxy.close();
  });
});

describe("a lost connection", () => {
  test("fails the query in flight once and is replaced", async () => {
    const { pool } = connections;
    const client = await pool.connect();
    const pid = await pidOf(client);
    const inFlight = client.query("select pg_sleep(30)").catch((error: Error) => error);
    await terminate(pid);
    expect(await inFlight).toMatchObject({ code: "57P01" });
    client.release(true);
    expect(await pool.query("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
  });

  test("does not end the process when its client is checked out and quiet", async () => {
    const client = await connections.pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    await terminate(await pidOf(client));
    await ended;
    client.release();
    expect(await ids()).toEqual([]);
  });

  test("with a transaction left idle in it: the transaction fails and is not kept", async () => {
    const stalled = connections.transaction(async (tx) => {
      await insert(tx, 1);
      const { rows } = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      await terminate(rows[0]?.pid ?? 0);
    });
    await expect(stalled).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });
});

describe("opening connections", () => {
  test("an unknown database is refused in words", async () => {
    const url = withDatabase(database.url, "nowhere");
    expect(await startRefusal(open(url))).toMatch(/no such database/);
  });

  test("an unknown host is refused in words, without the password", async () => {
    const refusal = await startRefusal(open("postgresql://me:hidden@nowhere.invalid/db"));
    expect(refusal).toContain("nowhere.invalid");
    expect(refusal).not.toContain("hidden");
  });

  test("what is no URL is refused in words", async () => {
    expect(await startRefusal(open("postgresql://["))).toContain("not a URL");
  });
});

describe("closing connections", () => {
  test("ends those that wait for a client, and cuts what does not end", async () => {
    const clock = new ManualClock();
    const own = await open(database.url, clock);
    const lane = own.lane("narrow", 1);
    const holder = await lane.connect();
    const waiting = expect(lane.query("select 1")).rejects.toThrow("closed");
    const stuck = expect(holder.query("select pg_sleep(60)")).rejects.toThrow("terminated");
    const closed = own.close();
    await waiting;
    await clock.whenSleeping();
    await clock.advance(5_000);
    await closed;
    await stuck;
    await expect(own.transaction(async () => {})).rejects.toThrow("closed");
  });
});

describe("listening", () => {
  interface Heard {
    payloads: string[];
    losses: number;
    next: Promise<void>;
  }

  /** Listens to "news"; `next` resolves at the next thing that is heard. */
  async function listen(own: Connections): Promise<Heard> {
    let tell = () => {};
    const heard: Heard = { payloads: [], losses: 0, next: Promise.resolve() };
    const renew = () => {
      const told = tell;
      heard.next = new Promise((resolve) => {
        tell = resolve;
      });
      told();
    };
    renew();
    await own.listen(
      "news",
      (payload) => {
        heard.payloads.push(payload);
        renew();
      },
      () => {
        heard.losses++;
        renew();
      },
    );
    return heard;
  }

  test("hears what others say", async () => {
    const heard = await listen(connections);
    const { next } = heard;
    await connections.pool.query("select pg_notify('news', 'rain')");
    await next;
    expect(heard.payloads).toEqual(["rain"]);
  });

  test("says that it lost its connection and when it listens again", async () => {
    const heard = await listen(connections);
    const { next: lost } = heard;
    await connections.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'curlew test listener'",
    );
    await lost;
    await heard.next;
    expect(heard.losses).toBe(2);
    const { next } = heard;
    await connections.pool.query("select pg_notify('news', 'sun')");
    await next;
    expect(heard.payloads).toEqual(["sun"]);
  });

  test("notices a connection that has gone silent", async () => {
    const proxy = await startDatabaseProxy(database.url);
    const clock = new ManualClock();
    const own = await open(proxy.url, clock);
    try {
      const heard = await listen(own);
      proxy.freeze();
      await clock.whenSleeping();
      const { next: lost } = heard;
      await clock.advance(5_000);
      await clock.whenSleeping();
      await clock.advance(3_000);
      await lost;
      if (heard.losses < 2) await heard.next;
      const { next } = heard;
      await connections.pool.query("select pg_notify('news', 'wind')");
      await next;
      expect(heard.payloads).toEqual(["wind"]);
    } finally {
      await proxy.close();
      const closed = own.close();
      await clock.advance(60_000);
      await closed;
    }
  });
});

describe("a pool whose clients are all in use", () => {
  test("tells who waits for one in vain, and goes on when one comes free", async () => {
    const lane = connections.lane("narrow", 1, { waitMs: 500 });
    const holder = await lane.connect();
    await expect(lane.query("select 1")).rejects.toThrow(
      new DatabaseAway("Every connection to the database is in use"),
    );
    holder.release();
    expect(await lane.query("select 1 as one")).toMatchObject({ rows: [{ one: 1 }] });
  });
});

describe("a database that is away", () => {
  test("keeps callers waiting, and lets them go on when it is back", async () => {
    const proxy = await startDatabaseProxy(database.url);
    const logger = silentLogger();
    const own = await open(proxy.url, systemClock(), logger);
    const port = Number(new URL(proxy.url).port);
    await proxy.close();
    const callers = Promise.all([1, 2, 3].map((id) => own.transaction((tx) => insert(tx, id))));
    await until("the outage is told", () => logger.lines.length > 0);
    const again = await startDatabaseProxy(database.url, port);
    await callers;
    expect(await ids()).toEqual([1, 2, 3]);
    await own.close();
    await again.close();
  });
});

function open(
  url: string,
  clock: Clock = systemClock(),
  logger: Logger = silentLogger(),
): Promise<Connections> {
  return openConnections({ url, applicationName: "curlew own", logger, clock });
}

async function insert(tx: Tx, id: number): Promise<void> {
  await tx.query({ text: "insert into note values ($1)", values: [id] });
}

async function ids(): Promise<number[]> {
  const { rows } = await connections.pool.query<{ id: number }>("select id from note order by id");
  return rows.map(({ id }) => id);
}

async function pidOf(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

async function terminate(pid: number): Promise<void> {
  await connections.pool.query("select pg_terminate_backend($1)", [pid]);
}
