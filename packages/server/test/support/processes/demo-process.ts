import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));

/** `npm run demo` without npm: a process of its own that no terminal hears. */
export interface DemoProcess {
  output(): string;
  hasEnded(): boolean;
  interrupt(): void;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** What it has left in the directory for temporary files. */
  leftovers(): string[];
}

export function startDemo(args: readonly string[]): DemoProcess {
  const temporary = mkdtempSync(join(tmpdir(), "curlew-test-"));
  const child = spawn(process.execPath, [join(ROOT, "scripts/demo.mjs"), ...args], {
    cwd: ROOT,
    // Settings of a server that runs beside it are not for the demo.
    env: { ...process.env, TMPDIR: temporary, CURLEW_PORT: "1", DATABASE_URL: "postgresql://x/y" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  }
  const ended = once(child, "close").then(([code]: (number | null)[]) => code ?? null);
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await ended;
    rmSync(temporary, { recursive: true, force: true });
  });
  return {
    ended,
    output: () => Buffer.concat(chunks).toString("utf8"),
    hasEnded: () => child.exitCode !== null,
    interrupt: () => void child.kill("SIGINT"),
    // The compiler keeps a cache there, for everybody.
    leftovers: () => readdirSync(temporary).filter((name) => !name.startsWith("tsx-")),
  };
}
