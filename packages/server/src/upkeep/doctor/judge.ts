import { bytes } from "../../core/wording.ts";
import type { InstallationFacts } from "../../storage/instance/installation-facts.ts";

export interface Finding {
  /** A fault keeps Curlew from working or from keeping its promises; a warning may. */
  level: "fault" | "warning";
  /** What is wrong and what to do, in a sentence or two. */
  text: string;
}

/** What the machine and its environment are like. */
export interface MachineFacts {
  nodeVersion: string;
  /** Names of the variables for proxies that are set. */
  proxyVariables: readonly string[];
  hasEgressProxy: boolean;
  dataDir: string;
  /** Permission bits; null where there is none. */
  dataDirMode: number | null;
  keyFileMode: number | null;
  /** Of the data directory's disk; null where it cannot be told. */
  disk: { freeBytes: number; totalBytes: number } | null;
  allowTargets: readonly string[];
}

const OLDEST_NODE = [20, 19] as const;
const DISK_FAULT_BYTES = 200e6;
const DISK_WARNING_BYTES = 2e9;
const OTHERS = 0o077;

export function judgeMachine(facts: MachineFacts): Finding[] {
  const findings: Finding[] = [];
  const [major = 0, minor = 0] = facts.nodeVersion.replace("v", "").split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    findings.push(fault(`Node ${facts.nodeVersion} is too old: Curlew needs 20.19 or newer.`));
  }
  if (facts.proxyVariables.length > 0 && !facts.hasEgressProxy) {
    findings.push(
      warning(
        `${facts.proxyVariables.join(", ")} is set, and Curlew does not read it: webhooks go straight. If they must go through a proxy, set CURLEW_EGRESS_PROXY; requests to Meta and Twilio always go straight.`,
      ),
    );
  }
  if (facts.dataDirMode !== null && (facts.dataDirMode & OTHERS) !== 0) {
    findings.push(
      warning(
        `Others on this machine may enter the data directory: chmod 700 ${facts.dataDir}. It holds the database and the master key.`,
      ),
    );
  }
  if (facts.keyFileMode !== null && (facts.keyFileMode & OTHERS) !== 0) {
    findings.push(
      fault(
        `Others on this machine may read the master key: chmod 600 ${facts.dataDir}/master-key, then change it with curlew rotate-master-key.`,
      ),
    );
  }
  findings.push(...judgeDisk(facts));
  const all = facts.allowTargets.filter((each) => each === "0.0.0.0/0" || each === "::/0");
  if (all.length > 0) {
    findings.push(
      fault(
        `CURLEW_ALLOW_TARGETS holds ${all.join(", ")}: whoever may make an endpoint reaches every private address, cloud metadata included. Name the hosts that are meant.`,
      ),
    );
  }
  return findings;
}

function judgeDisk({ disk, dataDir }: MachineFacts): Finding[] {
  if (disk === null) return [];
  const { freeBytes, totalBytes } = disk;
  const text = `The disk of ${dataDir} has ${bytes(freeBytes)} left of ${bytes(totalBytes)}`;
  if (freeBytes < DISK_FAULT_BYTES) {
    return [fault(`${text}. PostgreSQL stops when it is full: free some space now.`)];
  }
  if (freeBytes < DISK_WARNING_BYTES) {
    return [warning(`${text}. Free some space, or lower CURLEW_RETENTION_DAYS.`)];
  }
  return [];
}

export interface KeyFacts {
  /** Names of the keys that are given, the one that seals first. */
  ours: readonly string[];
  /** How many values each key has sealed. */
  inUse: ReadonlyMap<string, number>;
  /** What the living processes have. */
  processes: readonly { name: string; keyIds: readonly string[] }[];
}

export function judgeKeys({ ours, inUse, processes }: KeyFacts): Finding[] {
  const findings: Finding[] = [];
  const total = [...inUse.values()].reduce((sum, n) => sum + n, 0);
  for (const [key, values] of inUse) {
    if (!ours.includes(key)) {
      findings.push(
        fault(
          `${values} of ${total} sealed values were sealed with the master key ${key}, which is not among yours (${ours.join(", ") || "none"}): their channels and endpoints stand still. Give that key too, in CURLEW_MASTER_KEY after your own with a comma between.`,
        ),
      );
    } else if (key !== ours[0]) {
      findings.push(
        warning(
          `${values} of ${total} sealed values are still sealed with the master key ${key}: curlew rotate-master-key seals them with ${ours[0]}.`,
        ),
      );
    }
  }
  for (const { name, keyIds } of processes) {
    if (keyIds.length > 0 && ours.length > 0 && keyIds[0] !== ours[0]) {
      findings.push(
        warning(
          `The process ${name} seals with the master key ${keyIds[0]}, and you with ${ours[0]}: give every process the same CURLEW_MASTER_KEY.`,
        ),
      );
    }
  }
  return findings;
}

const SKEW_WARNING_MS = 2_000;
const SKEW_FAULT_MS = 60_000;
const CONNECTIONS_A_PROCESS = 30;
const LONG_TRANSACTION_S = 600;

export function judgeInstallation(
  facts: InstallationFacts,
  o: { machineMs: number; isEmbedded: boolean },
): Finding[] {
  const findings: Finding[] = [];
  const skewMs = o.machineMs - facts.databaseMs;
  if (Math.abs(skewMs) > SKEW_WARNING_MS) {
    const text = `This machine's clock is ${Math.abs(skewMs / 1000).toFixed(0)} s ${skewMs > 0 ? "ahead of" : "behind"} the database's. Curlew follows the database's; set both by NTP, or receivers and Twilio refuse signatures as too old.`;
    findings.push(Math.abs(skewMs) > SKEW_FAULT_MS ? fault(text) : warning(text));
  }
  const left = facts.maxConnections - facts.usedConnections;
  if (!o.isEmbedded && left < CONNECTIONS_A_PROCESS) {
    findings.push(
      warning(
        `PostgreSQL has ${left} of ${facts.maxConnections} connections left, and a process of Curlew uses up to ${CONNECTIONS_A_PROCESS}. Raise max_connections, or close what else is connected.`,
      ),
    );
  }
  if (facts.longestTransactionSeconds > LONG_TRANSACTION_S) {
    findings.push(
      warning(
        `A transaction has been open for ${Math.round(facts.longestTransactionSeconds / 60)} minutes (pg_stat_activity says whose): while it is, PostgreSQL cleans nothing up and Curlew becomes slower.`,
      ),
    );
  }
  return findings;
}

export interface AddressFacts {
  publicUrl: string | null;
  /** Channels that are connected, by kind. */
  channels: Readonly<Record<string, number>>;
  /** Why nobody outside can reach the public URL's host; null where it seems possible. */
  refusal: string | null;
  /** What is there instead of a Curlew; null where one answers, and where nobody asked. */
  stranger: string | null;
}

const PROVIDERS = ["whatsapp", "messenger", "instagram", "sms"];

export function judgeAddress({ publicUrl, channels, ...found }: AddressFacts): Finding[] {
  if (publicUrl === null) {
    const connected = PROVIDERS.filter((kind) => (channels[kind] ?? 0) > 0);
    if (connected.length === 0) return [];
    const text = `CURLEW_PUBLIC_URL is not set, and there are channels of ${connected.join(", ")}. Set it to where providers reach this server, over HTTPS.`;
    return [
      connected.includes("sms")
        ? fault(`${text} Twilio signs that address, and is told by it where statuses go.`)
        : warning(text),
    ];
  }
  const findings: Finding[] = [];
  if (publicUrl.startsWith("http:")) {
    findings.push(
      warning(
        `CURLEW_PUBLIC_URL is ${publicUrl}: Meta and Twilio ask for https, and so do browsers to sign in.`,
      ),
    );
  }
  if (found.refusal !== null) {
    findings.push(
      fault(`CURLEW_PUBLIC_URL is ${publicUrl}, which providers cannot reach: ${found.refusal}.`),
    );
  }
  if (found.stranger !== null) {
    findings.push(
      fault(
        `No Curlew answers at CURLEW_PUBLIC_URL ${publicUrl}: ${found.stranger}. Look at what stands in front of it: the name, the certificate, and that paths are passed on as they are.`,
      ),
    );
  }
  return findings;
}

export function fault(text: string): Finding {
  return { level: "fault", text };
}

export function warning(text: string): Finding {
  return { level: "warning", text };
}
