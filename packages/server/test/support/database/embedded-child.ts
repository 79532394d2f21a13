import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface EmbeddedChild {
  pid: number;
  /** The database's URL; rejects with what the operator is told when the server is refused. */
  ready: Promise<string>;
  /** Kills the process and what it is just running (an initdb), not its server. */
  kill(): Promise<void>;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
}

/** Another process of Curlew's with an embedded server, as us or as another user. */
export function spawnEmbedded(dataDir: string, user?: { uid: number; gid: number }): EmbeddedChild {
  const main = fileURLToPath(new URL("./embedded-child-main.ts", import.meta.url));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, main, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, so that it can be killed with what it has started.
    detached: true,
    // tsx keeps a cache in the temporary directory that belongs to whoever came first.
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    ...user,
  });
  const exited = once(child, "exit");
  const pid = child.pid ?? 0;
  return {
    pid,
    ready: firstWord(child),
    async kill() {
      process.kill(-pid, "SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function firstWord(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The child has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, refusal }: { url?: string; refusal?: string } = JSON.parse(line);
    if (url !== undefined) return url;
    throw new Error(refusal);
  }
  throw new Error("The child ended without a word");
}
