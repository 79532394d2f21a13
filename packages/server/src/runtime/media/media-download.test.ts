import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DownloadRequest } from "../../core/outside/media-download.ts";
import { httpServer, type Release } from "../fixtures/local-server.ts";
import { manualTime } from "../fixtures/manual-time.ts";
import { parseAllowTargets } from "../network/address-guard.ts";
import { createGuard } from "../network/guard.ts";
import { createDownloads } from "./media-download.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function bench(release: Release, answer: Answer, allow: readonly string[] = []) {
  const seen: IncomingMessage[] = [];
  const server = await httpServer(release, (request, response) => {
    seen.push(request);
    answer(request, response);
  });
  const directory = mkdtempSync(join(tmpdir(), "curlew-download-"));
  const time = manualTime();
  const downloads = createDownloads({
    ...time,
    guard: createGuard({ allow: parseAllowTargets(allow) }),
    isTrusted: (origin) => origin === server.http,
  });
  release(() => downloads.close());
  release(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "file");
  const fetchIt = (over: Partial<DownloadRequest> = {}) =>
    downloads.download(
      {
        url: `${server.http}/file`,
        headers: { authorization: "Bearer token" },
        leaveFor: () => "with_credentials",
        maxBytes: 1_000,
        deadlineMs: 5_000,
        ...over,
      },
      path,
    );
  return { server, seen, time, path, fetchIt };
}

describe("a file at a provider", () => {
  test("comes to disk with its digest, asked for with the credentials", async ({
    onTestFinished,
  }) => {
    const { seen, path, fetchIt } = await bench(onTestFinished, (_, response) => {
      response.writeHead(200, { "content-type": "image/png" }).end("a picture");
    });
    const sha256 = createHash("sha256").update("a picture").digest("hex");
    expect(await fetchIt()).toEqual({ kind: "done", bytes: 9, declared: "image/png", sha256 });
    expect(readFileSync(path, "utf8")).toBe("a picture");
    expect(seen[0]?.headers).toMatchObject({
      authorization: "Bearer token",
      "user-agent": "Curlew",
    });
  });

  test("is followed to where it lies, and the credentials stay behind", async ({
    onTestFinished,
  }) => {
    const { seen, fetchIt, server } = await bench(onTestFinished, ({ url }, response) => {
      if (url === "/file") response.writeHead(307, { location: "/store?x=1" }).end("moved");
      else response.end("stored");
    });
    const done = await fetchIt({
      leaveFor: ({ pathname }) => (pathname === "/file" ? "with_credentials" : "bare"),
    });
    expect(done).toMatchObject({ kind: "done", bytes: 6 });
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["/file", "Bearer token"],
      ["/store?x=1", undefined],
    ]);
    expect(server.connections).toBeGreaterThan(0);
  });

  test("is not looked for where the provider has no business", async ({ onTestFinished }) => {
    const { seen, fetchIt, path } = await bench(onTestFinished, (_, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
    });
    const leaveFor = ({ hostname }: URL) => (hostname === "127.0.0.1" ? "bare" : "refused");
    expect(await fetchIt({ leaveFor })).toEqual({ kind: "refused", host: "169.254.169.254" });
    expect(seen).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });

  test("of a host that answers with a private address is not connected to", async ({
    onTestFinished,
  }) => {
    const { seen, fetchIt, server } = await bench(onTestFinished, (_, response) => {
      response.end("inside");
    });
    const url = `http://localhost:${server.port}/file`;
    expect(await fetchIt({ url })).toMatchObject({ kind: "refused", host: "localhost" });
    expect(seen).toEqual([]);
  });

  test.for([
    ["says so", { "content-length": "1001" }],
    ["does not say so", {}],
  ] as const)("that is too large and %s leaves nothing on disk", async ([, headers], context) => {
    const { fetchIt, path } = await bench(context.onTestFinished, (_, response) => {
      response.writeHead(200, headers);
      response.end("x".repeat(1_001));
    });
    expect(await fetchIt()).toEqual({ kind: "too_large" });
    expect(existsSync(path)).toBe(false);
  });

  test("that is cut off leaves nothing on disk", async ({ onTestFinished }) => {
    const { fetchIt, path } = await bench(onTestFinished, (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    expect(await fetchIt()).toMatchObject({ kind: "failed" });
    expect(existsSync(path)).toBe(false);
  });

  test("is given up after its time", async ({ onTestFinished }) => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { fetchIt, time } = await bench(onTestFinished, () => arrive());
    const fetched = fetchIt();
    await arrived;
    time.advance(5_000);
    expect(await fetched).toEqual({ kind: "failed", detail: "it was not here within 5000 ms" });
  });

  test.for([404, 403, 500])("that is answered with %i is answered so", async (status, context) => {
    const { fetchIt } = await bench(context.onTestFinished, (_, response) => {
      response.writeHead(status).end("no");
    });
    expect(await fetchIt()).toEqual({ kind: "answered", status });
  });

  test("that redirects for ever is given up", async ({ onTestFinished }) => {
    const { fetchIt, seen } = await bench(onTestFinished, (_, response) => {
      response.writeHead(302, { location: "/file" }).end();
    });
    expect(await fetchIt()).toEqual({ kind: "failed", detail: "it redirects without an end" });
    expect(seen).toHaveLength(6);
  });
});
