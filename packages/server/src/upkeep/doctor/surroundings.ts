import { statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseAllowTargets } from "../../runtime/network/address-guard.ts";
import { createGuard } from "../../runtime/network/guard.ts";
import { createProviderClient } from "../../runtime/network/provider-client.ts";
import { createTimerWheel } from "../../runtime/timer-wheel.ts";
import type { UpkeepDeps } from "../installation.ts";
import type { AddressFacts, MachineFacts } from "./judge.ts";

const PROXY_VARIABLE = /^(https?|all)_proxy$/i;
const ASK_DEADLINE_MS = 10_000;
const PERMISSIONS = 0o777;

export async function machineFacts({
  config,
  environment,
  nodeVersion,
}: Pick<UpkeepDeps, "config"> & {
  environment: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
}): Promise<MachineFacts> {
  const dataDir = resolve(config.dataDir);
  const disk = await statfs(dataDir).catch(() => null);
  return {
    nodeVersion,
    proxyVariables: Object.keys(environment).filter(
      (name) => PROXY_VARIABLE.test(name) && environment[name],
    ),
    hasEgressProxy: config.egressProxy !== null,
    dataDir,
    dataDirMode: modeOf(dataDir),
    keyFileMode: modeOf(join(dataDir, "master-key")),
    disk: disk && {
      freeBytes: disk.bavail * disk.bsize,
      totalBytes: disk.blocks * disk.bsize,
    },
    allowTargets: config.allowTargets,
  };
}

/** Null where there is none, and where permissions mean nothing. */
function modeOf(path: string): number | null {
  if (process.platform === "win32") return null;
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? found.mode & PERMISSIONS : null;
}

export async function addressFacts({
  config,
  clock,
}: Pick<UpkeepDeps, "config" | "clock">): Promise<Omit<AddressFacts, "channels">> {
  const { publicUrl } = config;
  if (publicUrl === null) return { publicUrl, refusal: null, stranger: null };
  // Our own exceptions are nobody's outside; that it is not HTTPS is told apart.
  const guard = createGuard({ allow: parseAllowTargets([]) });
  const verdict = await guard.checkUrl(publicUrl.replace(/^http:/, "https:"));
  return {
    publicUrl,
    refusal: verdict.ok ? (verdict.warning ?? null) : verdict.detail,
    stranger: await strangerAt(publicUrl, clock),
  };
}

/** Who answers there in Curlew's place, in words; null where it is a Curlew. */
async function strangerAt(publicUrl: string, clock: UpkeepDeps["clock"]): Promise<string | null> {
  const wheel = createTimerWheel({ clock });
  wheel.start();
  const http = createProviderClient({ clock, wheel });
  const url = `${publicUrl}/healthz`;
  try {
    const request = { method: "GET", url, headers: {}, deadlineMs: ASK_DEADLINE_MS } as const;
    const answer = await http.request(request);
    if (answer.kind === "failed") return `asked for ${url} it did not answer (${answer.detail})`;
    if (answer.status === 200 && isOk(answer.body)) return null;
    return `${url} was answered ${answer.status} by something else`;
  } finally {
    await http.close();
    wheel.stop();
  }
}

function isOk(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    const isObject = typeof answer === "object" && answer !== null;
    return isObject && "status" in answer && answer.status === "ok";
  } catch {
    return false;
  }
}
