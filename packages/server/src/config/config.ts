import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { nearest } from "../core/spelling.ts";
import { StartError } from "../core/start-error.ts";
import { targetProblem } from "./allow-targets.ts";

/** Everything that the environment decides. Secrets print as "[secret]". */
export interface Config {
  host: string;
  /** 0 for any port that is free. */
  port: number;
  /** Where others reach this server, without a slash at the end; null for its own address. */
  publicUrl: string | null;
  role: "all" | "api" | "worker";
  /** Holds the embedded database and the master key that was made. */
  dataDir: string;
  /** Null for the embedded database. */
  databaseUrl: Secret | null;
  /** Base64 of 32 bytes each, the one that seals first. Empty: made and kept in the data directory. */
  masterKeys: readonly Secret[];
  /** Null: made at the first start. */
  adminKey: Secret | null;
  allowTargets: readonly string[];
  /** The proxy that webhooks go through; null: straight. */
  egressProxy: Secret | null;
  retentionDays: number;
  /** Days after which bodies go from the log; never more than `retentionDays`. */
  payloadDays: number;
  /** Days without one success after which a native endpoint is disabled; 0 for never. */
  disableAfterDays: number;
  /** Events and messages a second that a workspace may bring to a process; 0: as many as wanted. */
  workspaceRate: number;
  /** Events a second that a workspace may bring before it makes room for others; null: by the cores. */
  workspaceFreeRate: number | null;
  /** Megabytes that the events of a workspace may take in the days that are kept; 0: as many as wanted. */
  workspaceDiskMb: number;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Null: for people on a terminal, else JSON. */
  logFormat: "json" | "pretty" | null;
  meta: {
    /** For connecting channels by Meta's own sign-up; null where that is not offered. */
    appId: string | null;
    appSecrets: readonly Secret[];
    verifyToken: Secret | null;
    graphUrl: string;
    graphVersion: string;
  };
  twilio: { apiUrl: string };
  media: {
    /** What is larger is not kept. */
    maxBytes: number;
    linkMs: number;
    /** Null: in the data directory. */
    s3: {
      endpoint: string;
      region: string;
      bucket: string;
      accessKeyId: string;
      secretAccessKey: Secret;
    } | null;
  };
  /** Whether webhooks leave from a thread of their own; null: where there is more than one core. */
  sendingThread: boolean | null;
  /** Whether channels may be simulated; null: where only this machine can reach the server. */
  simulator: boolean | null;
  /** For the operator: what looks like a slip and does not keep the server from starting. */
  warnings: readonly string[];
}

const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;
const SHORT_ADMIN_KEY = 24;
const MEGABYTE = 1_000_000;
const HOUR_MS = 3_600_000;
const S3_SETTINGS = [
  "CURLEW_MEDIA_S3_ENDPOINT",
  "CURLEW_MEDIA_S3_BUCKET",
  "CURLEW_MEDIA_S3_ACCESS_KEY_ID",
  "CURLEW_MEDIA_S3_SECRET_ACCESS_KEY",
] as const;

const url = z
  .url({ protocol: /^https?$/, error: "is not a URL that begins with https:// or http://" })
  .transform((text) => text.replace(/\/+$/, ""));

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== ""),
);

const secrets = list.transform((each) => each.map((text) => new Secret(text)));

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

const onOrOff = z
  .enum(["on", "off"], { error: "must be on or off" })
  .transform((text) => text === "on");

/** The environment as it is written. Every variable that Curlew reads is here and nowhere else. */
const Environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "does not begin with postgresql://")
    .transform((text) => new Secret(text))
    .optional(),
  CURLEW_HOST: z.string().default("127.0.0.1"),
  CURLEW_PORT: wholeNumber(0, 65_535).default(8400),
  CURLEW_PUBLIC_URL: url.optional(),
  CURLEW_ROLE: z
    .enum(["all", "api", "worker"], { error: "must be all, api or worker" })
    .default("all"),
  CURLEW_DATA_DIR: z.string().default("./data"),
  CURLEW_MASTER_KEY: list
    .refine((keys) => keys.length > 0 && keys.every((key) => BASE64_OF_32_BYTES.test(key)), {
      error:
        "must be 32 bytes in base64, or a comma-separated list of such: openssl rand -base64 32",
    })
    .transform((keys) => keys.map((key) => new Secret(key)))
    .default([]),
  CURLEW_ADMIN_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{8,200}$/, "must be 8 to 200 letters, digits and signs without spaces")
    .transform((text) => new Secret(text))
    .optional(),
  CURLEW_ALLOW_TARGETS: list
    .check((ctx) => {
      for (const entry of ctx.value) {
        const message = targetProblem(entry);
        if (message !== null) ctx.issues.push({ code: "custom", message, input: entry });
      }
    })
    .default([]),
  CURLEW_EGRESS_PROXY: z
    .url({ protocol: /^https?$/, error: "is not a URL that begins with http:// or https://" })
    .transform((text) => new Secret(text))
    .optional(),
  CURLEW_RETENTION_DAYS: wholeNumber(1, 3650).default(90),
  CURLEW_PAYLOAD_DAYS: wholeNumber(1, 3650).optional(),
  CURLEW_DISABLE_AFTER_DAYS: wholeNumber(0, 365).default(5),
  CURLEW_WORKSPACE_RATE: wholeNumber(0, 1_000_000).default(0),
  CURLEW_WORKSPACE_FREE_RATE: wholeNumber(1, 1_000_000).optional(),
  CURLEW_WORKSPACE_DISK_MB: wholeNumber(0, 1_000_000_000).default(0),
  CURLEW_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], {
      error: "must be debug, info, warn, error or silent",
    })
    .default("info"),
  CURLEW_LOG_FORMAT: z.enum(["json", "pretty"], { error: "must be json or pretty" }).optional(),
  CURLEW_META_APP_ID: z
    .string()
    .regex(/^\d{5,32}$/, "is not the id of a Meta app: digits")
    .optional(),
  CURLEW_META_APP_SECRET: secrets.default([]),
  CURLEW_META_VERIFY_TOKEN: z
    .string()
    .transform((text) => new Secret(text))
    .optional(),
  CURLEW_META_GRAPH_URL: url.default("https://graph.facebook.com"),
  CURLEW_META_GRAPH_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, "must look like v26.0")
    .default("v26.0"),
  CURLEW_SENDING_THREAD: onOrOff.optional(),
  CURLEW_SIMULATOR: onOrOff.optional(),
  CURLEW_TWILIO_API_URL: url.default("https://api.twilio.com"),
  CURLEW_MEDIA_MAX_MB: wholeNumber(1, 2_000).default(100),
  CURLEW_MEDIA_LINK_HOURS: wholeNumber(1, 87_600).default(168),
  CURLEW_MEDIA_S3_ENDPOINT: url.optional(),
  CURLEW_MEDIA_S3_REGION: z.string().default("us-east-1"),
  CURLEW_MEDIA_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not the name of a bucket")
    .optional(),
  CURLEW_MEDIA_S3_ACCESS_KEY_ID: z.string().optional(),
  CURLEW_MEDIA_S3_SECRET_ACCESS_KEY: z
    .string()
    .transform((text) => new Secret(text))
    .optional(),
});

/** What is wrong with the environment: a mistake each. */
export class EnvironmentError extends StartError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((each) => `  ${each}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Throws one error that names every variable at fault, so that an operator mends them in one go. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is one that somebody left out: compose files and .env files make them so.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = Environment.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
  if (given["DATABASE_URL"] !== undefined && given["CURLEW_MASTER_KEY"] === undefined) {
    problems.push(
      "CURLEW_MASTER_KEY is required with DATABASE_URL, so that every process has the same: openssl rand -base64 32",
    );
  }
  if (given["DATABASE_URL"] === undefined && /^(api|worker)$/.test(given["CURLEW_ROLE"] ?? "")) {
    problems.push(
      "CURLEW_ROLE can only be all without DATABASE_URL: one process alone uses the embedded database",
    );
  }
  problems.push(...s3Problems(given));
  if (parsed.success) problems.push(...retentionProblems(parsed.data));
  if (!parsed.success || problems.length > 0) {
    throw new EnvironmentError(problems);
  }
  return toConfig(parsed.data, warningsFor(given));
}

function toConfig(env: z.infer<typeof Environment>, warnings: string[]): Config {
  return {
    host: env.CURLEW_HOST,
    port: env.CURLEW_PORT,
    publicUrl: env.CURLEW_PUBLIC_URL ?? null,
    role: env.CURLEW_ROLE,
    dataDir: env.CURLEW_DATA_DIR,
    databaseUrl: env.DATABASE_URL ?? null,
    masterKeys: env.CURLEW_MASTER_KEY,
    adminKey: env.CURLEW_ADMIN_KEY ?? null,
    allowTargets: env.CURLEW_ALLOW_TARGETS,
    egressProxy: env.CURLEW_EGRESS_PROXY ?? null,
    retentionDays: env.CURLEW_RETENTION_DAYS,
    payloadDays: env.CURLEW_PAYLOAD_DAYS ?? env.CURLEW_RETENTION_DAYS,
    disableAfterDays: env.CURLEW_DISABLE_AFTER_DAYS,
    workspaceRate: env.CURLEW_WORKSPACE_RATE,
    workspaceFreeRate: env.CURLEW_WORKSPACE_FREE_RATE ?? null,
    workspaceDiskMb: env.CURLEW_WORKSPACE_DISK_MB,
    logLevel: env.CURLEW_LOG_LEVEL,
    logFormat: env.CURLEW_LOG_FORMAT ?? null,
    meta: {
      appId: env.CURLEW_META_APP_ID ?? null,
      appSecrets: env.CURLEW_META_APP_SECRET,
      verifyToken: env.CURLEW_META_VERIFY_TOKEN ?? null,
      graphUrl: env.CURLEW_META_GRAPH_URL,
      graphVersion: env.CURLEW_META_GRAPH_VERSION,
    },
    twilio: { apiUrl: env.CURLEW_TWILIO_API_URL },
    media: {
      maxBytes: env.CURLEW_MEDIA_MAX_MB * MEGABYTE,
      linkMs: env.CURLEW_MEDIA_LINK_HOURS * HOUR_MS,
      s3: s3In(env),
    },
    sendingThread: env.CURLEW_SENDING_THREAD ?? null,
    simulator: env.CURLEW_SIMULATOR ?? null,
    warnings,
  };
}

function retentionProblems(env: z.infer<typeof Environment>): string[] {
  const { CURLEW_PAYLOAD_DAYS: payload, CURLEW_RETENTION_DAYS: log } = env;
  if (payload === undefined || payload <= log) return [];
  return [
    `CURLEW_PAYLOAD_DAYS is ${payload}, and CURLEW_RETENTION_DAYS ${log}: bodies go with the log at the latest`,
  ];
}

/** A bucket needs an address and keys, and these are for nothing without a bucket. */
function s3Problems(given: Readonly<Record<string, string | undefined>>): string[] {
  const has = S3_SETTINGS.filter((name) => given[name] !== undefined);
  if (has.length === 0 || has.length === S3_SETTINGS.length) return [];
  const missing = S3_SETTINGS.filter((name) => given[name] === undefined);
  return [`${missing.join(" and ")} must be given with ${has.join(" and ")}`];
}

function s3In(env: z.infer<typeof Environment>): Config["media"]["s3"] {
  const endpoint = env.CURLEW_MEDIA_S3_ENDPOINT;
  const bucket = env.CURLEW_MEDIA_S3_BUCKET;
  const accessKeyId = env.CURLEW_MEDIA_S3_ACCESS_KEY_ID;
  const secretAccessKey = env.CURLEW_MEDIA_S3_SECRET_ACCESS_KEY;
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey) return null;
  return { endpoint, bucket, accessKeyId, secretAccessKey, region: env.CURLEW_MEDIA_S3_REGION };
}

/** What commands are told that ask a server; no server goes by it. */
const OF_COMMANDS = {
  CURLEW_API_KEY: "as whom",
  CURLEW_SERVER: "where it is",
};

function warningsFor(given: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...Object.keys(Environment.shape), ...Object.keys(OF_COMMANDS)];
  const warnings = Object.keys(given)
    .filter((name) => name.startsWith("CURLEW_") && !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      return `${name} is not known${meant === null ? "" : `; did you mean ${meant}?`}`;
    });
  if ((given["CURLEW_ADMIN_KEY"]?.length ?? SHORT_ADMIN_KEY) < SHORT_ADMIN_KEY) {
    warnings.push("CURLEW_ADMIN_KEY is short: whoever guesses it owns everything here");
  }
  return warnings;
}
