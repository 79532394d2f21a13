import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../src/runtime/clock.ts";
import { blocksIn, readDocument } from "./support/project/documents.ts";
import { startReceiver } from "./support/receiver.ts";

const GUIDE = readDocument("docs/guides/receiving-webhooks.md");
const BODY = '{"id":"evt_1","data":{"text":"Grüße 👋 \\u0000"}}';
const MINUTE_MS = 60_000;

interface Case {
  secret: string;
  headers: Record<string, string>;
  body: string;
}

/** What a verifier is given, by what should come of it. */
function cases(): Record<"accepted" | "refused", Case[]> {
  const [secret, other] = [newSecret(), newSecret()];
  const signedAt = (at: Date, by = secret): Case => ({
    ...{ secret, body: BODY },
    headers: {
      "webhook-id": "evt_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(by).sign("evt_1", at, BODY),
    },
  });
  const at = systemClock().now();
  const now = signedAt(new Date(at));
  const foreign = signedAt(new Date(at), other);
  const signature = String(now.headers["webhook-signature"]);
  const both = `${foreign.headers["webhook-signature"]} ${signature}`;
  const withHeaders = (headers: Record<string, string>): Case => ({
    ...now,
    headers: { ...now.headers, ...headers },
  });
  return {
    accepted: [now, withHeaders({ "webhook-signature": both })],
    refused: [
      foreign,
      { ...now, body: `${BODY} ` },
      withHeaders({ "webhook-id": "evt_2" }),
      withHeaders({ "webhook-timestamp": "soon" }),
      withHeaders({ "webhook-signature": "v1,AAAA v2,AAAA" }),
      withHeaders({ "webhook-signature": signature.replace(/^v1,./, "v1,é") }),
      { ...now, headers: {} },
      signedAt(new Date(at - 10 * MINUTE_MS)),
      signedAt(new Date(at + 10 * MINUTE_MS)),
    ],
  };
}

const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

/** The outcome of a program that reads cases as JSON lines and says of each whether it accepts it. */
function verdicts(command: string, args: string[], given: readonly Case[]): string[] {
  const input = given.map((each) => JSON.stringify(each)).join("\n");
  return execFileSync(command, args, { input, encoding: "utf8" }).trim().split("\n");
}

function expectToVerify(command: string, args: string[]): void {
  const { accepted, refused } = cases();
  expect(verdicts(command, args, accepted)).toEqual(accepted.map(() => "yes"));
  expect(verdicts(command, args, refused)).toEqual(refused.map(() => "no"));
}

function program(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "curlew-snippet-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function hasProgram(name: string, versionFlag = "--version"): boolean {
  try {
    execFileSync(name, [versionFlag], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("the guide's code", () => {
  test("verifies in Node, and says why it refuses", () => {
    const [snippet = ""] = blocksIn(GUIDE, "js");
    const rest = `
      import { createInterface } from "node:readline";
      for await (const line of createInterface({ input: process.stdin })) {
        const { secret, headers, body } = JSON.parse(line);
        try {
          console.log(verify(secret, headers, Buffer.from(body)).id === "evt_1" ? "yes" : "?");
        } catch (error) {
          console.log(/^(too old|not signed)/.test(error.message) ? "no" : error.message);
        }
      }`;
    expectToVerify(process.execPath, [program("verify.mjs", snippet + rest)]);
  });

  test.skipIf(!hasProgram("python3"))("verifies in Python", () => {
    const [snippet = ""] = blocksIn(GUIDE, "python");
    const rest = `
import sys
for line in sys.stdin:
    case = json.loads(line)
    try:
        event = verify(case["secret"], case["headers"], case["body"].encode())
        print("yes" if event["id"] == "evt_1" else "?")
    except ValueError:
        print("no")
`;
    expectToVerify("python3", [program("verify.py", snippet + rest)]);
  });

  test.skipIf(!hasProgram("curl") || !hasProgram("openssl", "version"))(
    "signs in a shell as Curlew does",
    async () => {
      const receiver = await startReceiver();
      const snippet = blocksIn(GUIDE, "sh").find((each) => each.includes("webhook-signature"));
      const command = (snippet ?? "")
        .replace("whsec_…", `'${receiver.secret}'`)
        .replace("http://127.0.0.1:9000/", receiver.url);
      const { stdout } = await promisify(execFile)("/bin/sh", ["-ec", command]);
      expect(stdout).toMatch(/^HTTP\/1.1 200 /);
      expect(receiver.unverified).toEqual([]);
      expect(receiver.receipts.map(({ id }) => id)).toEqual(["evt_test"]);
    },
  );
});
