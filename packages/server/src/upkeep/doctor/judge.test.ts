import { describe, expect, test } from "vitest";
import type { InstallationFacts } from "../../storage/instance/installation-facts.ts";
import {
  type AddressFacts,
  type Finding,
  judgeAddress,
  judgeInstallation,
  judgeKeys,
  judgeMachine,
  type MachineFacts,
} from "./judge.ts";

const machine: MachineFacts = {
  ...{ nodeVersion: "v20.20.0", proxyVariables: [], hasEgressProxy: false },
  ...{ dataDir: "/srv/curlew", dataDirMode: 0o700, keyFileMode: 0o600 },
  ...{ disk: { freeBytes: 50e9, totalBytes: 100e9 }, allowTargets: ["127.0.0.0/8"] },
};
const installation: InstallationFacts = {
  ...{ databaseMs: 1_000_000, maxConnections: 100, usedConnections: 20 },
  ...{ longestTransactionSeconds: 3, channels: {}, endpoints: 1 },
};
const address: AddressFacts = {
  publicUrl: "https://hooks.example.com",
  channels: { sms: 1 },
  refusal: null,
  stranger: null,
};
const shown = (findings: readonly Finding[]) =>
  findings.map(({ level, text }) => `${level}: ${text}`).join("\n");

test("what is as it must be is not mentioned", () => {
  expect(judgeMachine(machine)).toEqual([]);
  expect(judgeInstallation(installation, { machineMs: 1_000_500, isEmbedded: false })).toEqual([]);
  expect(judgeAddress(address)).toEqual([]);
  const keys = { ours: ["aa"], inUse: new Map([["aa", 3]]), processes: [] };
  expect(judgeKeys(keys)).toEqual([]);
});

describe("of the machine", () => {
  test.each<[string, Partial<MachineFacts>, RegExp]>([
    ["an old Node", { nodeVersion: "v20.18.1" }, /^fault: Node v20\.18\.1 is too old/],
    [
      "a proxy that only others heed",
      { proxyVariables: ["HTTPS_PROXY"] },
      /^warning: HTTPS_PROXY is set.*CURLEW_EGRESS_PROXY/,
    ],
    ["an open data directory", { dataDirMode: 0o755 }, /^warning: .*chmod 700 \/srv\/curlew/],
    ["an open key", { keyFileMode: 0o640 }, /^fault: .*chmod 600 \/srv\/curlew\/master-key/],
    [
      "a disk that is nearly full",
      { disk: { freeBytes: 1e9, totalBytes: 100e9 } },
      /^warning: .*has 1\.0 GB left of 100\.0 GB\. Free some space/,
    ],
    [
      "a disk that is full",
      { disk: { freeBytes: 1e8, totalBytes: 100e9 } },
      /^fault: .*free some space now/,
    ],
    [
      "targets without a limit",
      { allowTargets: ["10.0.0.1", "0.0.0.0/0"] },
      /^fault: CURLEW_ALLOW_TARGETS holds 0\.0\.0\.0\/0/,
    ],
  ])("%s is told with what to do", (_, change, text) => {
    expect(shown(judgeMachine({ ...machine, ...change }))).toMatch(text);
  });

  test("a proxy that Curlew was told of is none to warn of", () => {
    const told = { ...machine, proxyVariables: ["https_proxy"], hasEgressProxy: true };
    expect(judgeMachine(told)).toEqual([]);
  });
});

describe("of the database", () => {
  const judge = (change: Partial<InstallationFacts>, machineMs = 1_000_000, isEmbedded = false) =>
    shown(judgeInstallation({ ...installation, ...change }, { machineMs, isEmbedded }));

  test("clocks that are apart are told, and which is ahead", () => {
    expect(judge({}, 1_005_000)).toMatch(/^warning: This machine's clock is 5 s ahead of/);
    expect(judge({}, 900_000)).toMatch(/^fault: This machine's clock is 100 s behind/);
  });

  test("too few connections are told, but not of the embedded one, which has as many as it needs", () => {
    expect(judge({ usedConnections: 80 })).toMatch(/has 20 of 100 connections left/);
    expect(judge({ usedConnections: 80 }, 1_000_000, true)).toBe("");
  });

  test("a transaction that stays open is told", () => {
    expect(judge({ longestTransactionSeconds: 3_600 })).toMatch(/open for 60 minutes/);
  });
});

describe("of the keys", () => {
  const inUse = new Map([
    ["aa", 3],
    ["bb", 2],
  ]);

  test("one that is missing is told once, with how much it has sealed", () => {
    expect(shown(judgeKeys({ ours: ["aa"], inUse, processes: [] }))).toMatch(
      /^fault: 2 of 5 sealed values were sealed with the master key bb, which is not among yours \(aa\)/,
    );
  });

  test("a change of the key that has not ended is told", () => {
    expect(shown(judgeKeys({ ours: ["aa", "bb"], inUse, processes: [] }))).toMatch(
      /^warning: 2 of 5 .* curlew rotate-master-key seals them with aa/,
    );
  });

  test("a process that seals with another is named", () => {
    const processes = [
      { name: "host 1", keyIds: ["aa"] },
      { name: "host 2", keyIds: ["bb"] },
      { name: "too old to tell", keyIds: [] },
    ];
    const told = shown(judgeKeys({ ours: ["aa"], inUse: new Map(), processes }));
    expect(told).toMatch(/^warning: The process host 2 seals with the master key bb/);
    expect(told.split("\n")).toHaveLength(1);
  });
});

describe("of the address", () => {
  test.each<[string, Partial<AddressFacts>, RegExp]>([
    [
      "none with Twilio",
      { publicUrl: null },
      /^fault: CURLEW_PUBLIC_URL is not set.*sms.*Twilio signs that address/,
    ],
    [
      "none with Meta",
      { publicUrl: null, channels: { whatsapp: 1 } },
      /^warning: CURLEW_PUBLIC_URL is not set.*whatsapp/,
    ],
    ["one without TLS", { publicUrl: "http://x.example" }, /^warning: .*ask for https/],
    [
      "one that leads nowhere outside",
      { refusal: "10.0.0.1 is private" },
      /^fault: .*which providers cannot reach: 10\.0\.0\.1 is private\./,
    ],
    [
      "one where somebody else answers",
      { stranger: "it was answered 404 by something else" },
      /^fault: No Curlew answers at CURLEW_PUBLIC_URL https:\/\/hooks\.example\.com: it was answered 404/,
    ],
  ])("%s is told with what to do", (_, change, text) => {
    expect(shown(judgeAddress({ ...address, ...change }))).toMatch(text);
  });

  test("none is needed where no provider is to reach it", () => {
    expect(judgeAddress({ ...address, publicUrl: null, channels: {} })).toEqual([]);
  });
});
