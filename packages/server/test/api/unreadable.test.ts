import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { publicId } from "../../src/core/ids.ts";
import { openDoor } from "../../src/http/listen.ts";
import { answerUnreadable } from "../../src/http/requests/unreadable.ts";
import { ManualClock } from "../support/manual-clock.ts";

const ID = "0198f3a0-0000-7000-8000-000000000001";
const newId = () => ID;
const REQUEST_ID = publicId("req", ID);
/** How a TLS connection begins. */
const CLIENT_HELLO = Buffer.from("16030100c8010000c40303", "hex");

/** A port with an answer of its own for each path: "whole" answers, "begun" only begins to. */
async function openPort(): Promise<number> {
  const clock = new ManualClock();
  const place = { host: "127.0.0.1", port: 0 };
  const door = await openDoor(place, { clock, newId }, (incoming, outgoing) => {
    outgoing.writeHead(200, { "content-length": 5 });
    outgoing.write("whole".slice(0, incoming.url === "/begun" ? 2 : 5));
    if (incoming.url !== "/begun") outgoing.end();
  });
  onTestFinished(async () => {
    const closed = door.close();
    await clock.advance(20_000);
    await closed;
  });
  return Number(new URL(door.url).port);
}

/** All that comes back until the connection is closed. */
async function tell(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return text(socket);
}

function problemIn(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { head: head.split("\r\n"), problem: JSON.parse(body) as Record<string, unknown> };
}

test.each([
  ["words", "HELLO\r\n\r\n"],
  ["a TLS handshake", CLIENT_HELLO],
  ["a header without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"],
  ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
])("%s that are sent where HTTP is expected are answered with a problem", async (_, bytes) => {
  const { head, problem } = problemIn(await tell(await openPort(), bytes));
  expect(head[0]).toBe("HTTP/1.1 400 Bad Request");
  expect(head).toContain("content-type: application/problem+json");
  expect(head).toContain("connection: close");
  expect(head).toContain(`x-request-id: ${REQUEST_ID}`);
  expect(problem).toMatchObject({
    ...{ code: "malformed_request", status: 400, request_id: REQUEST_ID },
    detail: expect.stringContaining("HTTPS"),
  });
});

test("headers that are too large are refused with the limit", async () => {
  const request = `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${"c".repeat(20_000)}\r\n\r\n`;
  const { head, problem } = problemIn(await tell(await openPort(), request));
  expect(head[0]).toBe("HTTP/1.1 431 Request Header Fields Too Large");
  expect(problem).toMatchObject({
    ...{ code: "headers_too_large", detail: "The headers have more than 16 KiB." },
  });
});

test("a request that does not come whole in time is told so", async () => {
  const limits = { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 };
  const server: Server = createServer(limits, () => {});
  answerUnreadable(server, newId);
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { head, problem } = problemIn(await tell(port, "GET / HTTP/1.1\r\nHost: a\r\n"));
  expect(head[0]).toBe("HTTP/1.1 408 Request Timeout");
  expect(problem).toMatchObject({ code: "request_timeout" });
});

test("an answer that has begun gets no other into its middle", async () => {
  const socket = connect(await openPort(), "127.0.0.1");
  socket.write("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n");
  let answer = "";
  for await (const bytes of socket) {
    answer += String(bytes);
    if (answer.endsWith("\r\n\r\nwh")) socket.write("HELLO\r\n\r\n");
  }
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nwh$/);
});

test("an expectation that nobody knows is passed over", async () => {
  const port = await openPort();
  const request = "GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\nConnection: close\r\n\r\n";
  expect(await tell(port, request)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*whole$/);
});
