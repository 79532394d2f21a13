import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { findNssWrapper } from "../../../src/storage/embedded/borrowed-name.ts";
import { canReach } from "../../../src/storage/embedded/database-user.ts";
import { isAlive, postmasterPid } from "../../../src/storage/embedded/processes.ts";
import { collect, inherited, runCommand } from "../../support/processes/command.ts";
import { environmentFor } from "../../support/processes/server-process.ts";
import { ROOT } from "../../support/project/documents.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const SCRIPT = join(ROOT, "deploy/docker/entrypoint.sh");
const HEALTHCHECK = join(ROOT, "deploy/docker/healthcheck.mjs");
const START_LIMIT_MS = 60_000;
const isRoot = process.getuid?.() === 0;

type User = { uid: number; gid: number };
const NOBODY: User = { uid: 65_534, gid: 65_534 };
/** Nobody's entry in /etc/passwd, as container platforms hand them out. */
const NAMELESS: User = { uid: 12_345, gid: 0 };

beforeAll(async () => {
  const { code, stderr } = await runCommand(process.execPath, [join(ROOT, "scripts/build.mjs")]);
  if (code !== 0) throw new Error(stderr);
});

describe("a container that is started", () => {
  test.skipIf(isRoot && !canReach(import.meta.dirname, NOBODY))(
    "as an ordinary user, serves as that user",
    async () => {
      const dataDir = volume(isRoot ? NOBODY : null);
      const container = start(SCRIPT, dataDir, isRoot ? NOBODY : null);
      await container.ready();
      expect(container.uid()).toBe(isRoot ? NOBODY.uid : process.getuid?.());
      await container.stop();
    },
  );

  test.runIf(isRoot && canReach(import.meta.dirname, NOBODY))(
    "as root, becomes the user it is told to be and gives it the data",
    async () => {
      const dataDir = volume(null);
      const container = start(SCRIPT, dataDir, null, { RUN_AS: "nobody" });
      await container.ready();
      expect(container.uid()).toBe(NOBODY.uid);
      expect(statSync(join(dataDir, "pg")).uid).toBe(NOBODY.uid);
      await container.stop();
    },
  );

  test.runIf(isRoot && findNssWrapper() !== null && canReach(import.meta.dirname, NAMELESS))(
    "as a user without an entry in /etc/passwd, serves",
    async () => {
      const dataDir = volume(NAMELESS);
      const container = start(SCRIPT, dataDir, NAMELESS);
      await container.ready();
      expect(container.uid()).toBe(NAMELESS.uid);
      await container.stop();
    },
  );

  test.runIf(isRoot)(
    "as root from a path that is closed to others, stays root and serves",
    async () => {
      const closed = closedCopy();
      const dataDir = join(closed, "data");
      const container = start(
        join(closed, "deploy/docker/entrypoint.sh"),
        dataDir,
        null,
        { RUN_AS: "nobody" },
        closed,
      );
      await container.ready();
      expect(container.output()).toContain(`Stays root: nobody may not read ${closed}.`);
      expect(container.uid()).toBe(0);
      expect(statSync(join(dataDir, "pg")).uid, "its PostgreSQL is somebody else").not.toBe(0);
      await container.stop();
    },
  );

  test.runIf(isRoot)("on a volume that it may not write to, says so and what to do", async () => {
    const { code, stderr } = await runCommand(SCRIPT, ["serve"], {
      ...NOBODY,
      env: environmentFor({ dataDir: volume(null) }),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^User 65534 of group 65534 may not write to .*Give that directory to/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("with another command, runs that", async () => {
    const { version } = JSON.parse(
      readFileSync(join(ROOT, "packages/server/package.json"), "utf8"),
    );
    expect(await runCommand(SCRIPT, ["version"])).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
    });
    expect(await runCommand(SCRIPT, ["sh", "-c", "echo in a shell"])).toMatchObject({
      ...{ code: 0, stdout: "in a shell\n" },
    });
    expect((await runCommand(SCRIPT, ["no-such-command"])).code).toBe(2);
  });
});

test("the health check says that nobody answers", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  const env = { CURLEW_PORT: String(port) };
  const checked = await runCommand(process.execPath, [HEALTHCHECK], { env });
  expect(checked).toMatchObject({ code: 1, stdout: `no answer on port ${port}: ECONNREFUSED\n` });
});

function volume(owner: User | null): string {
  // Not below a directory that is closed to the user.
  const directory = mkdtempSync(join(tmpdir(), "curlew-volume-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  if (owner) chownSync(directory, owner.uid, owner.gid);
  return directory;
}

/** What an image holds, below a directory that only we may enter. */
function closedCopy(): string {
  const closed = volume(null);
  chmodSync(closed, 0o700);
  for (const path of ["deploy/docker", "packages/server/dist", "packages/server/package.json"]) {
    mkdirSync(join(closed, path, ".."), { recursive: true });
    cpSync(join(ROOT, path), join(closed, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(closed, "node_modules"));
  return closed;
}

function start(
  script: string,
  dataDir: string,
  user: User | null,
  env: Readonly<Record<string, string>> = {},
  cwd = "/",
) {
  const child = spawn(script, [], {
    cwd,
    env: { ...inherited(), ...environmentFor({ dataDir }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const output = () => `${stdout()}\n${stderr()}`;
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const pid = child.pid ?? 0;
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  });
  return {
    output,
    /** Waits until the health check, as the image runs it, is content. */
    async ready(): Promise<void> {
      let port = "";
      await until(
        "the container says where it serves",
        () => {
          if (child.exitCode !== null) throw new Error(`It ended:\n${output()}`);
          port = /^ {2}API +http:.*:(\d+)\/v1$/m.exec(output())?.[1] ?? "";
          return port !== "";
        },
        START_LIMIT_MS,
      );
      const env = { CURLEW_PORT: port };
      const checked = await runCommand(process.execPath, [HEALTHCHECK], { env });
      expect(checked).toMatchObject({ code: 0, stdout: "ready\n" });
    },
    /** Whose process it is: the script has become the server, under one id. */
    uid(): number {
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toContain("cli/main.js");
      return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    },
    async stop(): Promise<void> {
      const postmaster = postmasterPid(join(dataDir, "pg"));
      child.kill("SIGTERM");
      expect(await exited, output()).toBe(0);
      expect(postmaster !== null && isAlive(postmaster)).toBe(false);
      expect(readdirSync(dataDir)).toContain("pg");
    },
  };
}
