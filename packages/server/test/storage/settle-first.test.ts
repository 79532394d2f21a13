import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Settlement } from "../../src/storage/deliveries/deliveries.ts";
import { settleFirst } from "../../src/storage/deliveries/settle-first.ts";
import { openTown, type Town } from "../support/engine/town.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

const SECRET = "0198c0de-0000-7000-8000-00000000feed";

/** A first attempt that was taken. */
function success(eventId: string, endpoint: number, process: number): Settlement {
  const { clock, workspaceId } = town;
  return {
    ...{ process, eventId, endpoint, workspaceId, n: 1, round: 1, roundN: 1 },
    ...{ conversationId: null, seq: null, state: "delivered", nextAt: null },
    attempt: {
      ...{ sentAt: clock.now() - 12, ms: 11.6, firstByteMs: 9.4, connection: null, status: 204 },
      ...{ error: null, detail: null, response: "tack så mycket", signedBy: SECRET },
      resentAfter: null,
    },
    ...{ endedAt: clock.now(), reason: null, renderer: 3, body: null },
  };
}

function failure(eventId: string, endpoint: number, process: number): Settlement {
  const row = success(eventId, endpoint, process);
  const attempt = row.attempt && { ...row.attempt, status: 503, response: "später" };
  return { ...row, state: "pending", nextAt: row.endedAt + 5_000, attempt, body: "{}" };
}

async function openProcess(): Promise<number> {
  return (await town.engine()).membership.current.id;
}

const written = () =>
  town.rows<{ endpoint: number }>(
    `select d.endpoint, d.state, d.first_state, d.attempts, d.round, d.delivered_round, d.last_status, d.last_error,
       d.last_at, d.reason, d.renderer, d.body, a.n, a.process, a.round as attempt_round, a.sent_at, a.ms,
       a.first_byte_ms, a.status, a.error, a.detail, a.response, a.signed_by, a.resent_after
     from delivery d join attempt a on a.event_id = d.event_id and a.endpoint = d.endpoint order by d.endpoint`,
  );

describe("first outcomes that are written together", () => {
  test("are written alike, whether a success went out on an open connection or on one of its own", async () => {
    const process = await openProcess();
    const { pool } = town.database.connections;
    const eventId = town.ids.next();
    const onItsOwn = success(eventId, 2, process);
    if (onItsOwn.attempt) onItsOwn.attempt.connection = { dnsMs: 1, connectMs: 2, tlsMs: null };
    expect(await settleFirst(pool, process, [success(eventId, 1, process), onItsOwn])).toEqual([]);
    const [open, own] = await written();
    expect(open).toMatchObject({ state: "delivered", attempts: 1, status: 204, ms: 12 });
    expect(open).toMatchObject({ response: "tack så mycket", signed_by: SECRET, renderer: 3 });
    expect({ ...own, endpoint: 1 }).toEqual(open);
  });

  test("keep failures beside successes, and their place in the queue", async () => {
    const process = await openProcess();
    const { pool } = town.database.connections;
    const eventId = town.ids.next();
    const rows = [failure(eventId, 1, process), success(eventId, 2, process)];
    expect(await settleFirst(pool, process, rows)).toEqual([]);
    expect(await written()).toMatchObject([
      { endpoint: 1, state: "pending", body: "{}", status: 503 },
      { endpoint: 2, state: "delivered", body: null },
    ]);
    expect(await town.rows("select endpoint, n from retry")).toEqual([{ endpoint: 1, n: 2 }]);
  });

  test("are named where somebody else has written them, of either kind", async () => {
    const process = await openProcess();
    const { pool } = town.database.connections;
    const [known, fresh] = [town.ids.next(), town.ids.next()];
    const before = [success(known, 1, process), failure(known, 2, process)];
    await settleFirst(pool, process, before);
    const rows = [...before, success(fresh, 1, process), failure(fresh, 2, process)];
    expect(await settleFirst(pool, process, rows)).toEqual([
      { eventId: known, endpoint: 1 },
      { eventId: known, endpoint: 2 },
    ]);
    expect(await written()).toHaveLength(4);
  });

  test("are not written by a process that was declared dead", async () => {
    const process = await openProcess();
    const { pool } = town.database.connections;
    await town.change("update process set state = 'dead' where id = $1", [process]);
    const eventId = town.ids.next();
    expect(await settleFirst(pool, process, [success(eventId, 1, process)])).toBeNull();
    expect(await settleFirst(pool, process, [failure(eventId, 2, process)])).toBeNull();
    expect(await written()).toEqual([]);
  });
});
