import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { parseId } from "../../../src/core/ids.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createEmbeddedHome } from "../../support/database/embedded-home.ts";
import { openSmallDisk, whyNoSmallDisk } from "../../support/database/small-disk.ts";
import { type Answer, startServer } from "../../support/processes/server-process.ts";
import { until } from "../../support/until.ts";
import { APP_SECRET, inboundText, postToMeta } from "../load.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 180_000 });

const MEGABYTE = 1024 * 1024;
const DISK_MB = 160;
const CALLERS = 4;
/** So many refusals, one after the other, are no accident. */
const REFUSALS = 40;
const clock = systemClock();
const obstacle = whyNoSmallDisk();

interface Case {
  /** What can grow no more. */
  what: string;
  leaveBytes: number;
  /** Rows that are deleted before leave room in the tables, and none for the write-ahead log. */
  roomInTables: boolean;
}

const CASES: Case[] = [
  { what: "its tables", leaveBytes: 8 * MEGABYTE, roomInTables: false },
  { what: "its write-ahead log", leaveBytes: MEGABYTE / 4, roomInTables: true },
];

test.skipIf(obstacle !== null).for(CASES)(
  `a disk that is full for $what: what is not kept is refused, what was accepted is there, and all goes on when there is room${obstacle ? ` (skipped: ${obstacle})` : ""}`,
  async ({ leaveBytes, roomInTables }) => {
    const disk = openSmallDisk(DISK_MB);
    const home = createEmbeddedHome(disk.directory);
    const env = { CURLEW_META_APP_SECRET: APP_SECRET, CURLEW_LOG_LEVEL: "warn" };
    const server = await startServer(home.place, env);
    const [customer] = await openShop(server, ["Steady"]);
    const accepted = new Set<string>();
    const received = new Set<string>();
    const refused: Answer[] = [];
    let made = 0;
    let isOver = false;
    onTestFinished(() => {
      isOver = true;
    });

    const fillUp = async (caller: number) => {
      while (!isOver) {
        const n = ++made;
        if (caller === 0) {
          const id = `wamid.full-${n}`;
          const answer = await postToMeta(server.url, inboundText(id, "16505550001"));
          if (answer.status === 200) received.add(id);
          else refused.push(answer);
        } else {
          const answer = await server.call("POST", "/events", draft(n));
          if (answer.status === 202) accepted.add(answer.body.id);
          else refused.push(answer);
        }
        if (refused.length > 0) await clock.sleep(50);
      }
    };
    if (roomInTables) {
      for (let n = 0; n < 20; n++) await server.call("POST", "/events", draft(0));
      await home.query("delete from event where type = 'parcel.packed'");
      await home.query("vacuum (truncate false) event");
    }
    // Kept while there was room, however soon there is none.
    for (let n = 0; n < 5; n++) {
      const answer = await server.call("POST", "/events", draft(++made));
      expect(answer.status).toBe(202);
      accepted.add(answer.body.id);
    }
    await disk.fill(leaveBytes);
    const callers = Array.from({ length: CALLERS }, (_, caller) => fillUp(caller));
    await until("the disk is full", () => refused.length >= REFUSALS, 90_000);
    const before = { accepted: accepted.size, received: received.size };
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    disk.makeRoom();
    const roomAt = clock.monotonic();
    await until("events are accepted again", () => accepted.size > before.accepted + 5, 60_000);
    await until("messages come in again", () => received.size > before.received, 60_000);
    const backMs = clock.monotonic() - roomAt;
    isOver = true;
    await Promise.all(callers);

    for (const { status, body } of refused) {
      const problem = typeof body === "string" ? JSON.parse(body) : body;
      expect([status, problem.code]).toEqual([503, "unavailable"]);
      expect(problem.detail).toMatch(/disk|database/i);
    }
    expect(backMs).toBeLessThan(30_000);
    const events = await home.query<{ id: string }>(
      "select id from event where type = 'parcel.packed'",
    );
    const there = new Set(events.map(({ id }) => id));
    expect([...accepted].filter((id) => !there.has(parseId("evt", id) ?? ""))).toEqual([]);
    const messages = await home.query<{ id: string }>(
      "select provider_id as id from provider_ref where provider_id like 'wamid.full-%'",
    );
    const known = new Set(messages.map(({ id }) => id));
    expect([...received].filter((id) => !known.has(id))).toEqual([]);
    await until(
      "everything that was accepted is delivered",
      () => [...accepted].every((id) => customer?.receiver.successes(id)),
      60_000,
    );
  },
);

/** A large event in a form that no compression makes smaller. */
function draft(n: number): object {
  return { type: "parcel.packed", data: { n, noise: randomBytes(90_000).toString("base64") } };
}
