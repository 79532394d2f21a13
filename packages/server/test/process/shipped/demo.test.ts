import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startDemo } from "../../support/processes/demo-process.ts";
import { until } from "../../support/until.ts";

/** It builds what is stale, makes a database and waits for a retry, on cores that others use too. */
const LIMIT_MS = 120_000;
const ESCAPE = String.fromCharCode(27);

const STEPS = [
  /1 {2}A WhatsApp number is connected.*201 Created {2}ch_.*200 OK/s,
  /2 {2}You subscribe.*201 Created {2}ep_.*whsec_/s,
  /3 {2}A customer writes.*message\.received +signature verified.*webhook-signature +v1,.*"Is my order on its way\?"/s,
  /4 {2}You reply.*200 OK {2}sent.*message\.sent .*message\.delivered .*message\.read /s,
  /5 {2}A webhook is refused.*answered 503\n.*attempt 2 · answered 200.*answered 503 and 200/s,
];

test(
  "the demo goes through every step, ends by itself and leaves nothing behind",
  async () => {
    const demo = startDemo(["--once"]);
    expect(await demo.ended, demo.output()).toBe(0);
    for (const step of STEPS) expect(demo.output()).toMatch(step);
    expect(demo.output(), "colours where nobody sees them").not.toContain(ESCAPE);
    expect(demo.leftovers()).toEqual([]);
  },
  LIMIT_MS,
);

test(
  "every command that the demo prints does what it says, until it is interrupted",
  async () => {
    const demo = startDemo([]);
    const isUp = () => demo.hasEnded() || demo.output().includes("Webhooks that arrive:");
    await until("the demo stays up", isUp, LIMIT_MS);
    const commands = commandsIn(demo.output());
    const ofStory = commands.slice(0, 7);
    const toTry = commands.slice(7);
    const answers: string[] = [];
    for (const command of commands) answers.push(await run(command));
    expect(ofStory.map((_, at) => answers[at])).toEqual([
      expect.stringContaining("channel_taken"),
      expect.stringContaining('"verified": true'),
      expect.stringContaining('"secret":"whsec_'),
      expect.stringContaining('"status": 200'),
      expect.stringContaining('"duplicate":true'),
      expect.stringContaining("The next webhook is answered 503."),
      expect.stringContaining('"id":"evt_'),
    ]);
    expect(toTry.map((_, at) => answers[at + 7])).toEqual([
      expect.stringContaining('"state":"delivered"'),
      expect.stringContaining('"status": 200'),
      expect.stringContaining('"status": 401'),
      expect.stringContaining('"duplicate":true'),
      expect.stringContaining("Thank you!"),
      expect.stringContaining('"replay":"started"'),
      expect.stringContaining("answered 503"),
    ]);
    const shown = () => demo.output().split("Webhooks that arrive:")[1] ?? "";
    await until("the replay is shown", () => shown().includes("attempt 3"));

    demo.interrupt();
    expect(await demo.ended, demo.output()).toBe(0);
    expect(demo.leftovers()).toEqual([]);
  },
  LIMIT_MS,
);

/** The command lines as they stand on the screen, with the lines that they go on in. */
function commandsIn(output: string): string[] {
  const lines = output.split("\n");
  return lines.flatMap((line, at) => {
    if (!line.startsWith("  curl ")) return [];
    const end = lines.findIndex(
      (each, i) => i >= at && !each.endsWith("\\") && isWhole(lines, at, i),
    );
    return [lines.slice(at, end + 1).join("\n")];
  });
}

/** Whether no quotation is open at the end of these lines. */
function isWhole(lines: readonly string[], from: number, to: number): boolean {
  return (
    lines
      .slice(from, to + 1)
      .join("\n")
      .split("'").length %
      2 ===
    1
  );
}

async function run(command: string): Promise<string> {
  return (await promisify(execFile)("/bin/sh", ["-c", command])).stdout;
}
