import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CurlewError } from "../../src/core/errors.ts";
import { publicId } from "../../src/core/ids.ts";
import { principalWith } from "../support/api/http.ts";
import { type Desk, openAccount, openDesk, RETENTION_MS } from "../support/engine/desk.ts";
import { openTown, recorder, type Town } from "../support/engine/town.ts";

let town: Town;
let desk: Desk;
let isRevoked = false;
let confinedTo: string | null = null;
const readers: { cancel(): Promise<void> }[] = [];
beforeEach(async () => {
  isRevoked = false;
  confinedTo = null;
  town = await openTown();
  desk = await openDesk(town, {}, async () => {
    if (isRevoked) throw new CurlewError("unauthorized", "It was revoked.");
    return { ...principalWith(), workspaceId: town.workspaceId, accountId: confinedTo };
  });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.cancel();
  await desk.followers.close();
  await town.end();
});

const publish = async (type: string, more: object = {}): Promise<string> => {
  const { body } = await desk.call("POST", "/events", { type, data: {}, ...more });
  await desk.engine.beatOnce();
  return body.id;
};

/** Reads a stream frame by frame, moving the clock while it waits. */
async function open(path: string, as?: Parameters<Desk["open"]>[1]) {
  const response = await desk.open(path, as);
  expect(response.status, await (response.ok ? "" : response.text())).toBe(200);
  const reader = response.body?.getReader();
  if (!reader) throw new Error("there is no stream");
  readers.push(reader);
  const decoder = new TextDecoder();
  let text = "";
  return {
    response,
    reader,
    /** The next frame; null when the stream has ended. */
    async next(): Promise<string | null> {
      while (!text.includes("\n\n")) {
        const reading = { isOver: false };
        const read = reader.read().finally(() => {
          reading.isOver = true;
        });
        while (!reading.isOver) {
          await town.clock.advance(50);
          await new Promise((resolve) => setImmediate(resolve));
        }
        const { value, done } = await read;
        if (done) return null;
        text += decoder.decode(value);
      }
      const end = text.indexOf("\n\n");
      const frame = text.slice(0, end);
      text = text.slice(end + 2);
      return frame;
    },
  };
}

describe("the live tail", () => {
  test("sends what comes, with its id, type and body", async () => {
    await publish("order.before");
    const stream = await open("/stream");
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await stream.next()).toMatch(/^retry: 2000\nid: evt_\w+$/);
    const id = await publish("order.shipped", { data: { line: "a\nb" } });
    const [first, second, third] = ((await stream.next()) ?? "").split("\n");
    expect([first, second]).toEqual([`id: ${id}`, "event: order.shipped"]);
    expect(JSON.parse(third?.replace("data: ", "") ?? "")).toMatchObject({
      ...{ id, type: "order.shipped", data: { line: "a\nb" } },
    });
  });

  test("goes on after Last-Event-ID, and only with what is wanted", async () => {
    const first = await publish("order.placed");
    await publish("lead.created", { data: { lead: {} } });
    const wanted = await publish("order.shipped");
    const stream = await open("/stream?type=order.*", { headers: { "last-event-id": first } });
    await stream.next();
    expect(await stream.next()).toContain(`id: ${wanted}\n`);
  });

  test("shows a confined key its own account alone", async () => {
    const accountId = await openAccount(town);
    confinedTo = accountId;
    const accept = recorder(desk.engine);
    await accept.accept(town.draft());
    const { id } = await accept.accept(town.draft({ accountId }));
    await desk.engine.beatOnce();
    const stream = await open("/stream?after=start", { accountId });
    await stream.next();
    expect(await stream.next()).toContain(`id: ${publicId("evt", id)}\n`);
  });

  test("says that it lives while nothing happens, and where it stands", async () => {
    const stream = await open("/stream");
    await stream.next();
    expect(await stream.next()).toMatch(/^: heartbeat\nid: evt_\w+$/);
  });

  test("ends when its key is revoked", async () => {
    const stream = await open("/stream");
    await stream.next();
    isRevoked = true;
    expect(await stream.next()).toBeNull();
  });

  test("ends when the process stops, also for a reader that takes nothing, and takes nobody more", async () => {
    const [reading, idle] = [await open("/stream"), await open("/stream")];
    await reading.next();
    await desk.followers.close();
    expect(await reading.next()).toBeNull();
    expect((await idle.reader.read()).done).toBe(true);
    expect((await desk.open("/stream")).status).toBe(503);
  });

  test("holds a page at most for a reader that does not keep up", async () => {
    for (let wave = 0; wave < 3; wave++) {
      await desk.call("POST", "/events", Array(100).fill({ type: "order.placed", data: {} }));
    }
    await desk.engine.beatOnce();
    const stream = await open("/stream?after=start");
    await stream.next();
    const { value } = await stream.reader.read();
    expect(new TextDecoder().decode(value).match(/^id: /gm)).toHaveLength(50);
  });

  test("has places for all that one workspace cannot fill", async () => {
    const { followers } = desk;
    const places: (() => void)[] = [];
    const enter = (workspaceId: string) => {
      const place = followers.enter(workspaceId);
      if (typeof place !== "string") places.push(place);
      return place;
    };
    for (let n = 0; n < 375; n++) expect(enter(town.workspaceId)).toBeTypeOf("function");
    const refused = await desk.open("/stream");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("5");
    for (let n = 0; n < 125; n++) expect(enter("another")).toBeTypeOf("function");
    expect(enter("another")).toBe("full");
    const [first] = places;
    first?.();
    first?.();
    expect(enter("another")).toBeTypeOf("function");
    expect(enter("a third")).toBe("full");
    for (const leave of places) leave();
    expect((await open("/stream")).response.status).toBe(200);
  });

  test("refuses a position whose day is gone", async () => {
    const id = await publish("order.placed");
    await town.clock.advance(RETENTION_MS + 86_400_000);
    const answer = await desk.open("/stream", { headers: { "last-event-id": id } });
    expect(answer.status).toBe(410);
  });
});
