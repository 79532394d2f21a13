import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { curlOf, type DemoRequest, perform } from "./curl.ts";

const TEXTS = [
  "plain",
  "It's here, isn't it?",
  'say "$HOME" and `id` \\ !',
  "Grüße 👋",
  "two\nlines",
];

test.each(TEXTS)(
  "a command says to a shell what the request says to a server: %j",
  async (text) => {
    const received: { method: string; url: string; header: string; body: string }[] = [];
    const server = createServer((request, response) => {
      request.setEncoding("utf8");
      let body = "";
      request.on("data", (part: string) => {
        body += part;
      });
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        received.push({ method, url, header: String(headers["idempotency-key"]), body });
        response.setHeader("content-type", "application/problem+json");
        response.writeHead(422).end('{"code":"no"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const request: DemoRequest = {
      method: "POST",
      url: `http://127.0.0.1:${port}/v1/send?a=1&b=2`,
      headers: { "Idempotency-Key": "it's-1" },
      body: { text, list: Array.from({ length: 30 }, () => "so that it has many lines") },
    };

    expect(await perform(request)).toEqual({ status: 422, body: { code: "no" } });
    const [seen] = received;
    expect(JSON.parse(seen?.body ?? "")).toEqual(request.body);
    expect(argumentsOf(curlOf(request))).toEqual([
      ...["-s", request.url],
      ...["-H", `Idempotency-Key: ${seen?.header}`],
      ...["-d", seen?.body],
    ]);
  },
);

test("a POST without a body is told to be one", () => {
  expect(argumentsOf(curlOf({ method: "POST", url: "http://127.0.0.1:1/refuse" }))).toEqual([
    ...["-s", "-X", "POST", "http://127.0.0.1:1/refuse"],
  ]);
});

/** What a shell makes of a command line. */
function argumentsOf(command: string): string[] {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }\n${command}`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}
