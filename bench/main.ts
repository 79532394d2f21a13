import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { SERVER_ENTRY } from "./built.ts";
import type { RawApi } from "./children/raw.ts";
import type { ReceiverApi } from "./children/receiver.ts";
import { startChild } from "./children/remote.ts";
import { endAll } from "./ending.ts";
import { HELP, type Options, readOptions, Unusable } from "./options.ts";
import { measureBothDirections } from "./parts/both-directions.ts";
import { measureCrowd } from "./parts/crowd.ts";
import { measureEndToEnd, runRaw } from "./parts/end-to-end.ts";
import { measureFanOut } from "./parts/fan-out.ts";
import type { Ground } from "./parts/ground.ts";
import { measureHanging } from "./parts/hanging.ts";
import { measureIsolation } from "./parts/isolation.ts";
import { measureLongLog } from "./parts/long-log.ts";
import { profileEndToEnd, profileProviderPath, profileRetryLane } from "./parts/profile.ts";
import { measureProviderPath } from "./parts/provider-path.ts";
import { measureRetryLane } from "./parts/retry-lane.ts";
import { measureTenants } from "./parts/tenants.ts";
import { machine, type OnDatabase, printProfile, printReport, type Report } from "./report.ts";

/** As many origins as there are endpoints where some of them hang. */
const PORTS = 50;

let scratch: string | null = null;
let isCutShort = false;

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => {
    if (isCutShort) return; // npm passes on what the terminal has already sent
    isCutShort = true;
    console.error("Ending what was started …");
    void end().finally(() => process.exit(code));
  });
}

try {
  const options = readOptions(process.argv.slice(2), { DATABASE_URL: process.env["DATABASE_URL"] });
  if (options === null) console.log(HELP);
  else await run(options);
} catch (error) {
  if (!isCutShort) {
    console.error(error instanceof Unusable ? error.message : error);
    process.exitCode = 1;
  }
} finally {
  if (!isCutShort) {
    await end();
    process.exit(); // a connection that was given up may still be trying
  }
}

async function run(options: Options): Promise<void> {
  if (!existsSync(SERVER_ENTRY)) throw new Unusable("The server is not built: npm run build.");
  const load = loadavg()[0] ?? 0;
  scratch = mkdtempSync(join(realpathSync(tmpdir()), "curlew-bench-"));
  const receiver = startChild<ReceiverApi>("receiver.ts");
  const ports = await receiver.ask.listen(PORTS);
  const raw = startChild<RawApi>("raw.ts");
  const [port = 0] = ports;
  const { parts, fanOuts } = options;
  let rounds = 0;

  /** What every part needs, with a directory of its own. */
  const ground = (databaseUrl: string | null): Ground => {
    const directory = join(scratch ?? "", String(++rounds));
    return { options, receiver, port, databaseUrl, scratch: directory, say };
  };

  const databases = [
    ...(options.embedded ? [null] : []),
    ...(options.databaseUrl === null ? [] : [options.databaseUrl]),
  ];
  if (options.profile) {
    for (const databaseUrl of databases) {
      for (const fanOut of parts.has("b") ? fanOuts : []) {
        for (const each of await profileEndToEnd({ ...ground(databaseUrl), fanOut })) {
          console.log(printProfile(each));
        }
      }
      const others = [
        ...(parts.has("c") ? await profileRetryLane(ground(databaseUrl)) : []),
        ...(parts.has("g") ? await profileProviderPath(ground(databaseUrl)) : []),
      ];
      for (const each of others) console.log(printProfile(each));
    }
    return;
  }

  const report: Report = { machine: machine(load), raw: [], databases: [] };
  if (parts.has("a") && !parts.has("b")) {
    for (let i = 0; i < options.pairs; i++) report.raw.push(await runRaw(raw, port, options));
  }
  for (const databaseUrl of databases) {
    const on: OnDatabase = {
      database: databaseUrl === null ? "the embedded PostgreSQL" : "the given PostgreSQL",
      endToEnd: [],
      retryLane: [],
      hanging: [],
    };
    report.databases.push(on);
    if (parts.has("b")) {
      for (const fanOut of fanOuts) {
        const beside = parts.has("a") ? raw : null;
        const result = await measureEndToEnd({ ...ground(databaseUrl), fanOut, raw: beside });
        on.endToEnd.push(result);
        report.raw.push(...result.pairs.flatMap((pair) => pair.raw ?? []));
      }
    }
    if (parts.has("c")) on.retryLane = await measureRetryLane(ground(databaseUrl));
    if (parts.has("d")) {
      on.hanging.push(await measureHanging({ ...ground(databaseUrl), ports }));
      on.hanging.push(await measureHanging({ ...ground(databaseUrl), ports: [port] }));
    }
    if (parts.has("e")) on.isolation = await measureIsolation(ground(databaseUrl));
    if (parts.has("f")) on.tenants = await measureTenants(ground(databaseUrl));
    if (parts.has("g")) on.providerPath = await measureProviderPath(ground(databaseUrl));
    if (parts.has("h")) on.bothDirections = await measureBothDirections(ground(databaseUrl));
    if (parts.has("i")) {
      on.scale = {
        fanOut: await measureFanOut(ground(databaseUrl)),
        crowd: await measureCrowd(ground(databaseUrl)),
        longLog: await measureLongLog(ground(databaseUrl)),
      };
    }
  }
  console.log(`\n${printReport(report)}`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

function say(text: string): void {
  console.error(text);
}

async function end(): Promise<void> {
  await endAll();
  if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
}
