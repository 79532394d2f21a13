import { chmodSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { dataDirectory } from "../../support/database/data-directory.ts";
import { environmentFor, runCurlew, startServer } from "../../support/processes/server-process.ts";
import { openShop } from "../shop.ts";

vi.setConfig({ testTimeout: 120_000 });

const doctor = (env: Record<string, string>, ...more: string[]) =>
  runCurlew(["doctor", ...more], env);

test("the doctor finds nothing at a server that is well, then what was done to it, and ends with 1", async () => {
  const dataDir = dataDirectory();
  const env = environmentFor({ dataDir });
  const none = await doctor(env);
  expect(none.code).toBe(1);
  expect(none.stdout).toContain(`There is no database in ${dataDir} yet`);

  const server = await startServer({ dataDir });
  await openShop(server, ["Backend"]);
  const well = await doctor({ ...env, CURLEW_PUBLIC_URL: server.url });
  // It is on this machine alone, and that is all.
  expect(well.stdout).toMatch(
    /^Fault: {3}CURLEW_PUBLIC_URL is .* which providers cannot reach: .*$/m,
  );
  expect(well.stdout).toContain("1 fault, 1 warning.");

  const stranger = createServer((_, response) => response.writeHead(404).end("nginx"));
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void stranger.close());
  const { port } = stranger.address() as AddressInfo; // it listens on TCP
  chmodSync(dataDir, 0o755);
  const ill = await doctor(
    {
      ...env,
      CURLEW_MASTER_KEY: Buffer.alloc(32, 9).toString("base64"),
      CURLEW_PUBLIC_URL: `http://127.0.0.1:${port}/curlew`,
      HTTPS_PROXY: "http://proxy.internal:3128",
      CURLEW_HOSTS: "x",
    },
    "--json",
  );
  expect(ill.code).toBe(1);
  const texts = (JSON.parse(ill.stdout) as { text: string }[]).map(({ text }) => text); // its own
  for (const part of [
    "CURLEW_HOSTS is not known",
    "HTTPS_PROXY is set",
    `chmod 700 ${dataDir}`,
    "3 of 3 sealed values were sealed with the master key",
    "/curlew/healthz was answered 404 by something else",
  ]) {
    expect(texts.join("\n")).toContain(part);
  }
  // No provider is to reach what is simulated.
  await server.call("POST", "/simulator/channels", { kind: "sms" });
  await server.stop();
  const rested = await doctor(env);
  expect(rested.stdout).toContain("there are channels of whatsapp. Set it");
  expect(rested.code).toBe(0);
});

test("the doctor says of a database of one's own why it cannot be used", async () => {
  const { CURLEW_DATA_DIR: _, ...env } = environmentFor({ dataDir: join("/nowhere") });
  const away = await doctor({ ...env, DATABASE_URL: "postgresql://curlew@127.0.0.1:1/curlew" });
  expect(away.code).toBe(1);
  expect(away.stdout).toContain(
    "The database behind DATABASE_URL does not answer (ECONNREFUSED). Is it up",
  );
});
