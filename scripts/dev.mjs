import "./prepare/node-version.mjs";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "./prepare/child.mjs";
import { main, Refusal } from "./prepare/refusal.mjs";
import { prepare, ROOT } from "./prepare.mjs";

const SIMULATOR_PORT = "8410";
const DASHBOARD_PORT = "8420";
const APP_SECRET = "simulated-app-secret";
const VERIFY_TOKEN = "simulated-verify-token";

// npm run dev: the server from its sources, started anew when they change, the dashboard from its
// sources, and the simulator beside them, each told where the others are. What the environment says already stands.
await main(async () => {
  if (process.argv.length > 2) throw new Refusal("npm run dev takes no arguments: set variables.");
  await prepare({ built: false });
  const env = {
    CURLEW_DATA_DIR: join(ROOT, ".cache/dev-data"),
    CURLEW_ALLOW_TARGETS: "127.0.0.0/8",
    CURLEW_SENDING_THREAD: "off", // it runs what is built
    CURLEW_META_APP_SECRET: APP_SECRET,
    CURLEW_META_VERIFY_TOKEN: VERIFY_TOKEN,
    CURLEW_META_GRAPH_URL: `http://127.0.0.1:${SIMULATOR_PORT}`,
    CURLEW_TWILIO_API_URL: `http://127.0.0.1:${SIMULATOR_PORT}`,
    ...process.env,
  };
  const port = env.CURLEW_PORT ?? "8400";
  await requireFree(port, "Choose another with CURLEW_PORT, or stop what listens there.");
  await requireFree(SIMULATOR_PORT, "The simulator needs it: stop what listens there.");
  await requireFree(DASHBOARD_PORT, "The dashboard needs it: stop what listens there.");
  const webhook = `http://127.0.0.1:${port}/in/meta`;
  const sms = ["--sms-url", `http://127.0.0.1:${port}/in/twilio`];
  const simulated = ["--port", SIMULATOR_PORT, "--webhook", webhook, ...sms];
  const secrets = ["--app-secret", firstOf(env.CURLEW_META_APP_SECRET)];
  const token = ["--verify-token", env.CURLEW_META_VERIFY_TOKEN];
  const ending = new AbortController();
  const keep = async (program, ...args) => {
    const options = { cwd: ROOT, env, until: ending.signal };
    const code = await run(process.execPath, [join(ROOT, program), ...args], options);
    ending.abort(); // one does not go on without the others
    return code;
  };
  const watch = (program, ...args) =>
    keep(
      "node_modules/tsx/dist/cli.mjs",
      "watch",
      "--clear-screen=false",
      join(ROOT, program),
      ...args,
    );
  const [code] = await Promise.all([
    watch("packages/server/src/cli/main.ts", "serve"),
    watch("packages/simulator/src/cli.ts", "serve", ...simulated, ...secrets, ...token),
    keep("node_modules/vite/bin/vite.js", join(ROOT, "packages/dashboard"), "--clearScreen=false"),
  ]);
  return code;
});

/** What is watched is not given up when it ends: a port that is taken has to be told before. */
async function requireFree(port, advice) {
  const server = createServer();
  try {
    await once(server.listen(Number(port), "127.0.0.1"), "listening");
  } catch (error) {
    if (error.code === "EADDRINUSE") throw new Refusal(`Port ${port} is taken. ${advice}`);
    return; // the server has words for everything else
  }
  await new Promise((closed) => server.close(closed));
}

/** The setting is a list while a secret is changed. */
function firstOf(list) {
  return list.split(",")[0].trim();
}
