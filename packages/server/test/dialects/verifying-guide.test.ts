import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { getDialect } from "../../src/dialects/registry.ts";
import { publicKeyFor } from "../../src/dialects/standard-webhooks.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { blocksIn, readDocument } from "../support/project/documents.ts";

const GUIDE = readDocument("docs/guides/verifying-webhooks.md");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY = '{"text":"Grüße 👋 \\u0000 %s $1"}';

interface Case {
  /** Null for Standard Webhooks. */
  given: string | null;
  headers: Record<string, string>;
  body: string;
  accepted: boolean;
}

function cases(): Case[] {
  const now = systemClock().now();
  const signed = (secret: string, at: number) => ({
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(secret).sign("evt_1", new Date(at), BODY),
  });
  const right = signed(SECRET, now);
  const wrong = signed(OTHER, now);
  const both = `${wrong["webhook-signature"]} ${right["webhook-signature"]}`;
  const hex = (secret: string) => createHmac("sha256", secret).update(BODY).digest("hex");
  const standard = (headers: Record<string, string>, accepted: boolean, body = BODY): Case => ({
    ...{ given: null, headers, body, accepted },
  });
  const own = (given: string, accepted: boolean, body = BODY): Case => ({
    ...{ given, headers: right, body, accepted },
  });
  return [
    standard(right, true),
    standard({ ...right, "webhook-signature": both }, true),
    standard(wrong, false),
    standard(right, false, `${BODY} `),
    standard({}, false),
    standard({ ...right, "webhook-signature": foreign(right["webhook-signature"]) }, false),
    own(hex(SECRET), true),
    own(`sha256=${hex(SECRET)}`, true),
    own(hex(OTHER), false),
    own(hex(SECRET), false, `${BODY} `),
    own("", false),
    own(foreign(hex(SECRET)), false),
  ];
}

/** As many characters, of which one takes more bytes than it did. */
function foreign(value: string): string {
  return `${value.slice(0, -1)}é`;
}

/** Timestamps that the snippets with a clock refuse. */
function stale(): Case[] {
  const at = systemClock().now() - 600_000;
  const headers = {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("evt_1", new Date(at), BODY),
  };
  return [{ given: null, headers, body: BODY, accepted: false }];
}

/** A program of the guide's snippets and a loop that reads cases as lines of JSON. */
function expectVerdicts(o: {
  command: string;
  args?: string[];
  file: string;
  program: string;
}): void {
  const directory = mkdtempSync(join(tmpdir(), "curlew-verify-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, o.file);
  writeFileSync(path, o.program);
  const given = [...cases(), ...stale()];
  const output = execFileSync(o.command, [...(o.args ?? []), path], {
    input: given.map((each) => JSON.stringify(each)).join("\n"),
    encoding: "utf8",
    // Go and its like keep what they build somewhere.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/local/go/bin", HOME: directory },
  });
  expect(output.trim().split("\n")).toEqual(given.map(({ accepted }) => (accepted ? "yes" : "no")));
}

const has = (name: string, flag = "--version"): boolean => {
  try {
    execFileSync(name, [flag], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
/** For the title of a test: why it is skipped, where it is. */
const orWhy = (isThere: boolean) =>
  isThere ? "" : " (skipped: what runs it is not installed here)";
const snippets = (language: string) => blocksIn(GUIDE, language).join("\n");

describe("what the guide shows tells right from wrong", () => {
  test("in Node, with a public key", () => {
    const code = blocksIn(GUIDE, "js").find((each) => each.includes("verifyWithPublicKey")) ?? "";
    const now = Math.floor(systemClock().now() / 1000);
    const curlew = getDialect("curlew");
    const letter = {
      ...{ id: "evt_1", type: "order.shipped", body: BODY, timestampS: now, attempt: 1 },
      ...{ replayed: false, options: { ed25519: true } },
    };
    const headersOf = (value: string) =>
      curlew.headers({ ...letter, secrets: [{ id: "1", value }] });
    const given = [
      { headers: headersOf(SECRET), body: BODY },
      { headers: headersOf(OTHER), body: BODY },
      { headers: headersOf(SECRET), body: `${BODY} ` },
      { headers: {}, body: BODY },
      { headers: { ...headersOf(SECRET), "webhook-signature": "v1a,AAAA" }, body: BODY },
    ];
    const directory = mkdtempSync(join(tmpdir(), "curlew-verify-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, "verify.mjs");
    const program = `${code}
for (const { headers, body } of ${JSON.stringify(given)}) {
  console.log(verifyWithPublicKey("${publicKeyFor(SECRET)}", headers, body) ? "yes" : "no");
}`;
    writeFileSync(path, program);
    const output = execFileSync(process.execPath, [path], { encoding: "utf8" });
    expect(output).toBe("yes\nno\nno\nno\nno\n");
  });

  test("in Node", () => {
    const hmacOnly = blocksIn(GUIDE, "js").filter((each) => each.includes("createHmac"));
    const code = hmacOnly.join("\n").replaceAll(/^import .*$/gm, "");
    expectVerdicts({
      command: process.execPath,
      file: "verify.mjs",
      program: `import { createHmac, timingSafeEqual } from "node:crypto";
import { createInterface } from "node:readline";
${code}
for await (const line of createInterface({ input: process.stdin })) {
  const { given, headers, body } = JSON.parse(line);
  const raw = Buffer.from(body);
  const verdict = given === null ? verifyStandard("${SECRET}", headers, raw) : verifyBody("${SECRET}", given, raw);
  console.log(verdict ? "yes" : "no");
}`,
    });
  });

  test.runIf(has("python3"))(`in Python${orWhy(has("python3"))}`, () => {
    expectVerdicts({
      command: "python3",
      file: "verify.py",
      program: `${snippets("python")}
import json, sys
for line in sys.stdin:
    case = json.loads(line)
    raw = case["body"].encode()
    if case["given"] is None:
        verdict = verify_standard("${SECRET}", case["headers"], raw)
    else:
        verdict = verify_body("${SECRET}", case["given"], raw)
    print("yes" if verdict else "no")
`,
    });
  });

  test.runIf(has("php"))(`in PHP${orWhy(has("php"))}`, () => {
    expectVerdicts({
      command: "php",
      file: "verify.php",
      program: `<?php
${snippets("php")}
while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line, true);
    $verdict = $case['given'] === null
        ? verify_standard('${SECRET}', $case['headers'], $case['body'])
        : verify_body('${SECRET}', $case['given'], $case['body']);
    echo $verdict ? "yes\\n" : "no\\n";
}
`,
    });
  });

  test.runIf(has("ruby"))(`in Ruby${orWhy(has("ruby"))}`, () => {
    expectVerdicts({
      command: "ruby",
      file: "verify.rb",
      program: `${snippets("ruby")}
require "json"
STDIN.each_line do |line|
  given = JSON.parse(line)
  verdict = given["given"].nil? ? verify_standard("${SECRET}", given["headers"], given["body"]) : verify_body("${SECRET}", given["given"], given["body"])
  puts(verdict ? "yes" : "no")
end
`,
    });
  });

  test.runIf(has("go", "version"))(
    `in Go${orWhy(has("go", "version"))}`,
    () => {
      expectVerdicts({
        command: "go",
        args: ["run"],
        file: "verify.go",
        program: `package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

${snippets("go")}
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var each struct {
			Given   *string
			Headers map[string]string
			Body    string
		}
		if err := json.Unmarshal(lines.Bytes(), &each); err != nil {
			panic(err)
		}
		verdict := false
		if each.Given == nil {
			headers := http.Header{}
			for name, value := range each.Headers {
				headers.Set(name, value)
			}
			verdict = verifyStandard("${SECRET}", headers, []byte(each.Body))
		} else {
			verdict = verifyBody("${SECRET}", *each.Given, []byte(each.Body))
		}
		if verdict {
			fmt.Println("yes")
		} else {
			fmt.Println("no")
		}
	}
}
`,
      });
    },
    60_000,
  );

  test.runIf(has("openssl", "version"))(`in a shell${orWhy(has("openssl", "version"))}`, () => {
    const [standard = "", own = ""] = blocksIn(GUIDE, "sh");
    const directory = mkdtempSync(join(tmpdir(), "curlew-verify-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    for (const { given, headers, body, accepted } of cases()) {
      const file = join(directory, "body");
      writeFileSync(file, body);
      const output = execFileSync("/bin/sh", ["-ec", given === null ? standard : own], {
        encoding: "utf8",
        env: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          SECRET,
          BODY_FILE: file,
          GIVEN: given ?? "",
          WEBHOOK_ID: headers["webhook-id"] ?? "",
          WEBHOOK_TIMESTAMP: headers["webhook-timestamp"] ?? "",
          WEBHOOK_SIGNATURE: headers["webhook-signature"] ?? "",
        },
      });
      expect(output).toBe(accepted ? "yes\n" : "no\n");
    }
  });
});
