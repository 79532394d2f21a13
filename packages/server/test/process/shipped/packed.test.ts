import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { isAlive, postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { collect, type Ended, inherited, runCommand } from "../../support/processes/command.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

/** Packages come from a registry, over whatever line there is. */
const INSTALL_LIMIT_MS = 240_000;
const START_LIMIT_MS = 60_000;

const ADMIN_KEY = "the-key-of-a-packed-curlew";

/** What a customer has: a folder with nothing but what npm put there. */
let folder = "";
let packed: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curlew-packed-"));
  const packages = join(folder, "packages");
  const installed = join(folder, "installed");
  for (const directory of [packages, installed]) mkdirSync(directory);
  const both = ["-w", "curlew", "-w", "@curlew/sdk"];
  expectSuccess(await runCommand("npm", ["pack", ...both, "--pack-destination", packages]));
  packed = readdirSync(packages).sort();
  writeFileSync(join(installed, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
  const files = packed.map((file) => join(packages, file));
  const quietly = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  expectSuccess(await runCommand("npm", ["install", ...quietly, ...files], { cwd: installed }));
}, INSTALL_LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what npm packs", () => {
  test("is the server and the SDK, each with its licence, and nothing of their sources or tests", () => {
    const names = packed.map((file) => file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, ""));
    expect(names).toEqual(["curlew", "curlew-sdk"]);
    for (const name of ["curlew", "@curlew/sdk"]) {
      const files = filesOf(join(folder, "installed/node_modules", name));
      expect(files).toContain("LICENSE");
      expect(
        files.filter((file) => /\.test\.|(^|\/)(src|test|fixtures)\/|(?<!\.d)\.ts$/.test(file)),
        name,
      ).toEqual([]);
    }
  });

  test("holds the dashboard that the server shows", () => {
    const files = filesOf(join(folder, "installed/node_modules/curlew"));
    expect(files).toContain("dashboard/index.html");
    const page = readFileSync(
      join(folder, "installed/node_modules/curlew/dashboard/index.html"),
      "utf8",
    );
    const named = [...page.matchAll(/\s(?:src|href)="\.?\/([\w./-]+\.(?:js|css|svg))"/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, name] of named) expect(files).toContain(`dashboard/${name}`);
  });

  test(
    "serves from an empty folder, and its SDK talks to it and verifies what it sends",
    async () => {
      const installed = join(folder, "installed");
      const curlew = startPacked(installed);
      const url = await curlew.says(/^ {2}API +(http:\S+)\/v1$/m);
      const page = await fetch(url);
      expect(page.headers.get("content-type")).toMatch(/^text\/html/);
      expect(await page.text(), "the page is the dashboard's").toMatch(/<script[^>]*\ssrc=/);

      const receiver = await startReceiver();
      writeFileSync(
        join(installed, "publish.js"),
        `import { CurlewClient, verifyWebhook } from "@curlew/sdk";
        if (typeof verifyWebhook !== "function") throw new Error("verifyWebhook is missing");
        const [url, apiKey, target, secret] = process.argv.slice(2);
        const client = new CurlewClient({ baseUrl: url, apiKey });
        await client.endpoints.create({ name: "packed", url: target, secret });
        const { id } = await client.events.publish({ type: "order.shipped", data: { order: "A-1" } });
        console.log(id);`,
      );
      const script = ["publish.js", url, ADMIN_KEY, receiver.url, receiver.secret];
      const published = await runCommand(process.execPath, script, { cwd: installed });
      expectSuccess(published);
      const id = published.stdout.trim();
      const receipt = await receiver.next("the webhook", (each) => each.id === id);
      expect(receipt.body.data).toEqual({ order: "A-1" });
      await curlew.stop();
    },
    START_LIMIT_MS,
  );
});

/** `npx curlew`, as somebody types it who has installed the package; it ends with the test. */
function startPacked(cwd: string) {
  const dataDir = join(cwd, "data");
  const child = spawn("npx", ["--no-install", "curlew"], {
    cwd,
    env: {
      ...inherited(),
      ...{ CURLEW_PORT: "0", CURLEW_ADMIN_KEY: ADMIN_KEY, CURLEW_ALLOW_TARGETS: "127.0.0.0/8" },
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: npx, a shell and the server are ended together.
    detached: true,
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const output = () => `${stdout()}\n${stderr()}`;
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, name);
  };
  onTestFinished(async () => {
    signal("SIGKILL");
    await exited;
  });
  return {
    async says(pattern: RegExp): Promise<string> {
      await until(
        `the packed server says ${pattern}`,
        () => {
          if (child.exitCode !== null) throw new Error(`It ended:\n${output()}`);
          return pattern.test(output());
        },
        START_LIMIT_MS,
      );
      return pattern.exec(output())?.[1] ?? "";
    },
    async stop(): Promise<void> {
      const postmaster = postmasterPid(join(dataDir, "pg"));
      expect(postmaster, "its data lies where it was started").not.toBeNull();
      signal("SIGTERM");
      await exited;
      await until("its PostgreSQL is gone", () => postmaster === null || !isAlive(postmaster));
    },
  };
}

function expectSuccess({ code, stdout, stderr }: Ended): void {
  expect(code, `${stdout}\n${stderr}`).toBe(0);
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}
