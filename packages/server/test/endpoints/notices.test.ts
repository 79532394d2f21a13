import { Validator } from "@cfworker/json-schema";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVENT_SCHEMAS } from "../../src/core/events/event-schemas.ts";
import { publicId } from "../../src/core/ids.ts";
import { Notices, noticeSpec } from "../../src/delivery/endpoints/notices.ts";
import type { Engine } from "../../src/delivery/engine.ts";
import { openTown, recorder, refused, type Town } from "../support/engine/town.ts";
import { silentLogger } from "../support/silent-logger.ts";

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.end());

function noticesOf(engine: Engine): Notices {
  return new Notices({
    db: town.database.connections.pool,
    tell: engine.makeAcceptor(noticeSpec()),
    clock: town.clock,
    logger: silentLogger(),
  });
}

interface Told {
  id: string;
  type: string;
  account: object | null;
  data: Record<string, unknown>;
}

async function told(): Promise<Told[]> {
  const rows = await town.rows<{ payload: string }>(
    "select payload from event where type ~ '^(endpoint|secret|delivery)[.]' order by id",
  );
  return rows.map(({ payload }) => JSON.parse(payload));
}

/** An endpoint as notices name it. */
async function concerned() {
  const { id, serial } = await town.endpoint();
  return { id, serial, name: "Receiver", workspaceId: town.workspaceId };
}

describe("what happens to an endpoint", () => {
  test("is told with all that the schema of its event promises", async () => {
    const engine = await town.engine();
    const notices = noticesOf(engine);
    const endpoint = await concerned();
    await town.database.connections.transaction(async (tx) => {
      await notices.disabled(tx, endpoint, "failures", "It failed for days.");
      await notices.verified(tx, endpoint);
      const secretId = town.ids.next();
      for (const step of ["staged", "promoted", "retired", "rotated"] as const) {
        const retiringUntil = step === "promoted" ? town.clock.now() + 1_000 : null;
        await notices.secretRotated(tx, endpoint, { step, secretId, retiringUntil });
      }
    });
    await notices.tested(endpoint, {
      ...{ type: "order.shipped", delivered: false, status: 500, error: "It answered 500." },
    });
    const down = await town.endpoint({ schedule: [], events: ["order.*"] });
    town.answers.set(down.url, () => refused(503));
    await recorder(engine).accept(town.draft());
    await engine.quiet();
    await notices.flush();

    const events = await told();
    expect(events.map(({ type }) => type)).toEqual([
      ...["endpoint.disabled", "endpoint.verified"],
      ...["secret.rotated", "secret.rotated", "secret.rotated", "secret.rotated"],
      ...["endpoint.tested", "delivery.dead_lettered"],
    ]);
    for (const { type, data } of events) {
      const { errors } = new Validator(EVENT_SCHEMAS[type] ?? false, "2020-12").validate(data);
      expect(errors, type).toEqual([]);
    }
    expect(events[0]?.data).toEqual({
      endpoint_id: publicId("ep", endpoint.id),
      endpoint_name: "Receiver",
      disabled_by: "failures",
      reason: "It failed for days.",
    });
  });

  test("is told of an account's own endpoint with the account", async () => {
    const notices = noticesOf(await town.engine());
    const endpoint = await concerned();
    const account = town.ids.next();
    await town.rows(
      "insert into account (id, workspace_id, name, created_at) values ($1, $2, 'Branch', $3)",
      [account, town.workspaceId, new Date(town.clock.now())],
    );
    await town.change("update endpoint set owner_account_id = $1", [account]);
    await town.database.connections.transaction((tx) => notices.verified(tx, endpoint));
    await notices.flush();
    expect(await town.rows("select account_id as id from event")).toEqual([{ id: account }]);
    expect((await told())[0]?.account).toMatchObject({ id: publicId("acc", account) });
  });

  test("is told by another process when the one that did it dies before it could", async () => {
    const [dying, living] = [noticesOf(await town.engine()), noticesOf(await town.engine())];
    const endpoint = await concerned();
    await town.database.connections.transaction((tx) => dying.disabled(tx, endpoint, "gone", null));
    expect(await told()).toEqual([]);
    await living.flush();
    expect((await told()).map(({ type }) => type)).toEqual(["endpoint.disabled"]);
  });

  test("is told once, however many processes tell at the same time", async () => {
    const all: Notices[] = [];
    for (let n = 0; n < 3; n++) all.push(noticesOf(await town.engine()));
    const endpoint = await concerned();
    await town.database.connections.transaction(async (tx) => {
      for (let n = 0; n < 300; n++) await all[0]?.verified(tx, endpoint);
    });
    await Promise.all(all.map((notices) => notices.flush()));
    expect(await told()).toHaveLength(300);
    expect(await town.rows("select 1 from notice")).toEqual([]);
  });

  test("is not told when it did not happen", async () => {
    const notices = noticesOf(await town.engine());
    const endpoint = await concerned();
    const failing = town.database.connections.transaction(async (tx) => {
      await notices.disabled(tx, endpoint, "user", null);
      throw new Error("changed our mind");
    });
    await expect(failing).rejects.toThrow("changed our mind");
    await notices.flush();
    expect(await told()).toEqual([]);
  });

  test("is not told any more when its workspace was deleted meanwhile", async () => {
    const notices = noticesOf(await town.engine());
    const endpoint = await concerned();
    await town.database.connections.transaction((tx) => notices.verified(tx, endpoint));
    await town.change("update workspace set deleted_at = $1", [new Date(town.clock.now())]);
    await notices.flush();
    expect(await told()).toEqual([]);
  });
});

describe("dead letters", () => {
  test("of a process that died before it told of them are told of by another, all of them", async () => {
    const dying = await town.engine();
    const down = await town.endpoint({ schedule: [], events: ["order.*"] });
    town.answers.set(down.url, () => refused(503));
    for (let n = 0; n < 25; n++) await recorder(dying).accept(town.draft());
    await dying.quiet();

    const living = noticesOf(await town.engine());
    await living.flush();
    const [notice, ...more] = await told();
    expect(more).toEqual([]);
    expect(notice?.data).toMatchObject({ count: 25, last_status: 503 });
    expect(notice?.data["delivery_ids"]).toHaveLength(20);
    expect(await town.rows("select 1 from untold_dead_letter")).toEqual([]);
  });
});
