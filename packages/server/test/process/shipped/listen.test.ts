import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { collect, inherited } from "../../support/processes/command.ts";
import { createHome } from "../../support/processes/server-home.ts";
import { startServer } from "../../support/processes/server-process.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 90_000 });

const MAIN = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

test("curlew listen posts what happens at a server to a local address, signed, and goes on where it was", async () => {
  const server = await startServer((await createHome()).place);
  const receiver = await startReceiver();
  const publish = async (n: number, type = "order.shipped"): Promise<string> =>
    (await server.call("POST", "/events", { type, data: { n } })).body.id;
  const first = await publish(1);

  async function listen(...args: string[]) {
    const options = [
      "--server",
      server.url,
      "--forward-to",
      receiver.url,
      "--secret",
      receiver.secret,
    ];
    const child = spawn(process.execPath, [MAIN, "listen", ...options, ...args], {
      env: { ...inherited(), CURLEW_ADMIN_KEY: server.adminKey },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [out, err] = [collect(child.stdout), collect(child.stderr)];
    await until("it listens", () => out().includes("Listening to"), 30_000);
    return {
      out: () => `${out()}${err()}`,
      async stop(): Promise<number | null> {
        child.kill("SIGINT");
        const [code] = await once(child, "close");
        return code;
      },
    };
  }

  const listening = await listen("--after", "start", "--type", "order.*");
  await receiver.next("what was there before", ({ id }) => id === first, 30_000);
  await publish(2, "lead.qualified");
  const second = await publish(3);
  await receiver.next("what happens now", ({ id }) => id === second);
  expect(receiver.receipts.map(({ body }) => body.data.n)).toEqual([1, 3]);
  expect(receiver.unverified).toEqual([]);
  await until("it says so", () => listening.out().includes(`${second}  → 200`));
  expect(await listening.stop()).toBe(0);
  const position = /--after (evt_\w+) goes on here/.exec(listening.out())?.[1] ?? "";

  const third = await publish(4);
  const again = await listen("--after", position);
  await receiver.next("what happened meanwhile", ({ id }) => id === third, 30_000);
  expect(receiver.successes(second)).toBe(1);
  await again.stop();
});
