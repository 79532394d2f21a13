import { type ClientRequest, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { httpServer } from "../../runtime/fixtures/local-server.ts";
import { ArrivingBodies } from "./arriving-bodies.ts";

const MEGABYTE = 1024 * 1024;

/** A server that reads whatever comes, and has room for this much that is not whole. */
async function open(mostBytes: number) {
  let cutOff = 0;
  const bodies = new ArrivingBodies({ mostBytes, onCutOff: () => cutOff++ });
  const server = await httpServer(onTestFinished, (incoming, outgoing) => {
    bodies.enter(incoming);
    incoming.on("error", () => {});
    incoming.resume().on("end", () => outgoing.end("taken"));
  });
  /** Begins a request; tells what becomes of it. */
  function begin(headers: Record<string, string>, path = "/in/meta") {
    const out: ClientRequest = request(server.http + path, {
      method: "POST",
      headers,
      agent: false,
    });
    onTestFinished(() => void out.destroy());
    const became = new Promise<string>((resolve) => {
      out.on("error", () => resolve("cut off"));
      out.on("response", (answer) => {
        answer.setEncoding("utf8").on("data", (text: string) => resolve(text));
      });
    });
    out.flushHeaders();
    return { out, became };
  }
  return { begin, bytes: () => bodies.bytes, cutOff: () => cutOff };
}

const long = (bytes: number) => ({ "content-length": String(bytes) });

test("a body that has been coming for longest is cut off where there is no room for another", async () => {
  const { begin, bytes, cutOff } = await open(3 * MEGABYTE);
  const slow = begin(long(MEGABYTE));
  await expect.poll(bytes).toBe(MEGABYTE);
  const other = begin(long(2 * MEGABYTE));
  await expect.poll(bytes).toBe(3 * MEGABYTE);
  const small = begin(long(5));
  small.out.end("hello");
  expect(await small.became).toBe("taken");
  expect(cutOff()).toBe(0);
  const quick = begin(long(20_000));
  expect(await slow.became).toBe("cut off");
  quick.out.end(Buffer.alloc(20_000));
  expect(await quick.became).toBe("taken");
  other.out.end(Buffer.alloc(2 * MEGABYTE));
  expect(await other.became).toBe("taken");
  expect(cutOff()).toBe(1);
  await expect.poll(bytes).toBe(0);
});

test("one that does not say its length counts as the longest, a file that is written as it comes for little", async () => {
  const { begin, bytes } = await open(100 * MEGABYTE);
  begin({ "transfer-encoding": "chunked" });
  await expect.poll(bytes).toBe(4 * MEGABYTE);
  begin(long(90 * MEGABYTE), "/v1/media?filename=film.mp4");
  await expect.poll(bytes).toBe(4 * MEGABYTE + MEGABYTE / 16);
  const gone = begin(long(3 * MEGABYTE));
  await expect.poll(bytes).toBe(7 * MEGABYTE + MEGABYTE / 16);
  gone.out.destroy();
  await expect.poll(bytes).toBe(4 * MEGABYTE + MEGABYTE / 16);
});

test("one is taken although it needs more room than there is", async () => {
  const { begin } = await open(MEGABYTE);
  const large = begin(long(2 * MEGABYTE));
  large.out.end(Buffer.alloc(2 * MEGABYTE));
  expect(await large.became).toBe("taken");
});
