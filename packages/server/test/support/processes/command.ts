import { type SpawnOptions, spawn } from "node:child_process";
import { ROOT } from "../project/documents.ts";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, without what the environment holds for a server or for the tests. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env = {}, ...options }: SpawnOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: ROOT,
    ...options,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { code, stdout: stdout(), stderr: stderr() };
}

/** The text that a stream has given so far. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  return () => text;
}

/** The environment of this run without anything that is meant for a server or for the tests. */
export function inherited(): Record<string, string> {
  const own = /^(CURLEW_|DATABASE_URL$|TEST_|VITEST|NODE_OPTIONS$|NODE_ENV$|PG[A-Z]+$|npm_)/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || own.test(name) ? [] : [[name, value]],
    ),
  );
}
