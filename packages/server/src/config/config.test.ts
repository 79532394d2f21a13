import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");
const KEY_2 = Buffer.alloc(32, 2).toString("base64");
const DATABASE_URL = "postgresql://curlew:hunter2@db.internal/curlew";

describe("an empty environment", () => {
  test("gives a server on this machine alone, with a database of its own", () => {
    expect(readConfig({})).toEqual({
      host: "127.0.0.1",
      port: 8400,
      publicUrl: null,
      role: "all",
      dataDir: "./data",
      databaseUrl: null,
      masterKeys: [],
      adminKey: null,
      allowTargets: [],
      egressProxy: null,
      retentionDays: 90,
      payloadDays: 90,
      disableAfterDays: 5,
      logLevel: "info",
      logFormat: null,
      meta: {
        appId: null,
        appSecrets: [],
        verifyToken: null,
        graphUrl: "https://graph.facebook.com",
        graphVersion: "v26.0",
      },
      twilio: { apiUrl: "https://api.twilio.com" },
      sendingThread: null,
      simulator: null,
      media: { maxBytes: 100_000_000, linkMs: 7 * 24 * 3_600_000, s3: null },
      workspaceRate: 0,
      workspaceFreeRate: null,
      workspaceDiskMb: 0,
      warnings: [],
    });
  });

  test("is what empty variables make", () => {
    expect(readConfig({ CURLEW_PORT: "", DATABASE_URL: " ", CURLEW_ADMIN_KEY: "" })).toEqual(
      readConfig({}),
    );
  });
});

test("every variable at fault is named in one message", () => {
  const wrong = {
    DATABASE_URL: "mysql://localhost",
    CURLEW_PORT: "99999",
    CURLEW_MASTER_KEY: `${KEY},short`,
    CURLEW_ADMIN_KEY: "with space",
    CURLEW_ALLOW_TARGETS: "10.0.0.0/8,10.0.0.0/33,http://x",
    CURLEW_PUBLIC_URL: "curlew.example.com",
    CURLEW_ROLE: "boss",
    CURLEW_RETENTION_DAYS: "0",
    CURLEW_LOG_LEVEL: "loud",
    CURLEW_LOG_FORMAT: "xml",
    CURLEW_META_GRAPH_VERSION: "26",
  };
  let message = "";
  try {
    readConfig(wrong);
  } catch (error) {
    expect(error).toMatchObject({ name: "StartError" });
    message = String(error);
  }
  for (const name of Object.keys(wrong)) expect(message).toContain(`\n  ${name} `);
  expect(message).toContain('"10.0.0.0/33"');
  expect(message).toContain('"http://x"');
  expect(message).not.toContain('"10.0.0.0/8"');
});

describe("with DATABASE_URL", () => {
  test("the master key must be given", () => {
    expect(() => readConfig({ DATABASE_URL })).toThrow(/CURLEW_MASTER_KEY is required/);
    const config = readConfig({ DATABASE_URL, CURLEW_MASTER_KEY: `${KEY} , ${KEY_2}` });
    expect(config.masterKeys.map((key) => key.reveal())).toEqual([KEY, KEY_2]);
  });

  test("processes may share the work", () => {
    expect(() => readConfig({ CURLEW_ROLE: "worker" })).toThrow(/CURLEW_ROLE can only be all/);
    const shared = { DATABASE_URL, CURLEW_MASTER_KEY: KEY, CURLEW_ROLE: "worker" };
    expect(readConfig(shared).role).toBe("worker");
  });
});

test("lists are separated by commas, and a URL loses the slash at its end", () => {
  const config = readConfig({
    CURLEW_META_APP_SECRET: "one, two,",
    CURLEW_ALLOW_TARGETS: "127.0.0.0/8, ::1, [::1], receiver.internal,fd00::/8",
    CURLEW_PUBLIC_URL: "https://hooks.example.com/curlew/",
  });
  expect(config.meta.appSecrets.map((each) => each.reveal())).toEqual(["one", "two"]);
  expect(config.allowTargets).toEqual([
    "127.0.0.0/8",
    "::1",
    "[::1]",
    "receiver.internal",
    "fd00::/8",
  ]);
  expect(config.publicUrl).toBe("https://hooks.example.com/curlew");
});

test("no secret is printed with the configuration", () => {
  const secrets = {
    DATABASE_URL,
    CURLEW_MASTER_KEY: KEY,
    CURLEW_ADMIN_KEY: "an-admin-key-that-is-long-enough",
    CURLEW_META_APP_SECRET: "app-secret",
    CURLEW_META_VERIFY_TOKEN: "verify-token",
  };
  const printed = JSON.stringify(readConfig(secrets));
  for (const secret of Object.values(secrets)) expect(printed).not.toContain(secret);
  expect(printed).not.toContain("hunter2");
});

describe("the days of bodies", () => {
  test("are those of the log, unless they are said", () => {
    expect(readConfig({ CURLEW_RETENTION_DAYS: "30" })).toMatchObject({
      ...{ retentionDays: 30, payloadDays: 30 },
    });
    expect(readConfig({ CURLEW_RETENTION_DAYS: "30", CURLEW_PAYLOAD_DAYS: "7" })).toMatchObject({
      ...{ retentionDays: 30, payloadDays: 7 },
    });
  });

  test("are never more than those of the log", () => {
    expect(() => readConfig({ CURLEW_PAYLOAD_DAYS: "91" })).toThrow(
      "CURLEW_PAYLOAD_DAYS is 91, and CURLEW_RETENTION_DAYS 90: bodies go with the log at the latest",
    );
    expect(() => readConfig({ CURLEW_PAYLOAD_DAYS: "0" })).toThrow(
      "CURLEW_PAYLOAD_DAYS must be from 1 to 3650",
    );
  });
});

test("a slip in a name is pointed out, with the name that was probably meant", () => {
  expect(
    readConfig({ CURLEW_PROT: "1", CURLEW_ADMIN_KEY: "password1", HOME: "/" }).warnings,
  ).toEqual([
    "CURLEW_PROT is not known; did you mean CURLEW_PORT?",
    expect.stringContaining("CURLEW_ADMIN_KEY is short"),
  ]);
});

test("a bucket for files needs its address and its keys", () => {
  const bucket = {
    CURLEW_MEDIA_S3_ENDPOINT: "https://s3.example",
    CURLEW_MEDIA_S3_BUCKET: "files",
  };
  expect(() => readConfig(bucket)).toThrow(
    "CURLEW_MEDIA_S3_ACCESS_KEY_ID and CURLEW_MEDIA_S3_SECRET_ACCESS_KEY must be given with CURLEW_MEDIA_S3_ENDPOINT and CURLEW_MEDIA_S3_BUCKET",
  );
  const keys = { CURLEW_MEDIA_S3_ACCESS_KEY_ID: "AKIA", CURLEW_MEDIA_S3_SECRET_ACCESS_KEY: "s" };
  expect(readConfig({ ...bucket, ...keys }).media.s3).toMatchObject({
    endpoint: "https://s3.example",
    region: "us-east-1",
    bucket: "files",
  });
});
