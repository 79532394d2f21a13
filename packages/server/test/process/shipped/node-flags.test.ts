import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../support/processes/command.ts";
import { ROOT } from "../../support/project/documents.ts";

/** Where Curlew names the flags that it gives Node. */
const PLACES = [
  "package.json",
  "packages/server/src/cli/main.ts",
  "packages/server/bin/curlew.mjs",
  "deploy/docker/entrypoint.sh",
];

test("is started with the same flags of Node everywhere", () => {
  const [first, ...others] = PLACES.map(flagsIn);
  expect(first).toContain("--no-allocation-site-pretenuring");
  for (const flags of others) expect(flags).toEqual(first);
});

test("Node knows every flag that it is started with", async () => {
  const flags = flagsIn("packages/server/src/cli/main.ts");
  const { code, stderr } = await runCommand(process.execPath, [...flags, "-e", ""]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

function flagsIn(place: string): string[] {
  const line = /\bnode ((?:--[a-z-]+(?:=\d+)? ?)+)/.exec(readFileSync(join(ROOT, place), "utf8"));
  return (line?.[1] ?? "").trim().split(" ");
}
