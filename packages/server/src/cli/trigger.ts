import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { TriggerWish } from "../remote/trigger.ts";
import { WrongUse } from "./failure.ts";
import {
  addServerOptions,
  type RemoteCommandDeps,
  type ServerOptions,
  serverWish,
} from "./server-options.ts";

const STANDARD_INPUT = 0;

interface Options extends ServerOptions {
  list?: boolean;
  data?: Record<string, unknown>;
  set: [path: string, value: unknown][];
  endpoint?: string;
  account?: string;
  channel?: string;
  conversation?: string;
  campaign?: string;
  json?: boolean;
}

/** `curlew trigger`: an event that somebody would otherwise have to wait for. */
export function addTriggerCommand(program: Command, o: RemoteCommandDeps): void {
  const command = program
    .command("trigger [type]")
    .description("Publish a sample event, and say where it goes");
  addServerOptions(command, o.environment)
    .option("--list", "only list the types that there are")
    .addOption(
      new Option(
        "--data <json>",
        "what the event holds: JSON, @file, or - for standard input",
      ).argParser(readData),
    )
    .addOption(
      new Option("--set <path=value>", "changes a member of it, such as lead.email=a@b.example")
        .argParser(readChange)
        .default([], "none"),
    )
    .option("--endpoint <id>", "send a test to this endpoint alone, whatever state it is in")
    .option("--account <id>", "the account that it is about")
    .option("--channel <channel>", "the channel that it is about: a kind or an id")
    .option("--conversation <id>", "the conversation that it is about")
    .option("--campaign <id>", "the campaign that it is about")
    .option("--json", "the server's answer, for programs")
    .addHelpText("after", EXAMPLES)
    .action(async (type: string | undefined, options: Options) => {
      const { listTypes, trigger } = await import("../remote/trigger.ts");
      const { atServer } = await import("../remote/means.ts");
      const wish = serverWish(options, o.environment);
      const terminal = { print: o.print, complain: o.complain, signal: o.stopped() };
      const asJson = options.json ?? false;
      if (options.list) {
        process.exitCode = await atServer(wish, terminal, (means) => listTypes({ asJson }, means));
        return;
      }
      const event = wishOf(type, options);
      process.exitCode = await atServer(wish, terminal, (means) => trigger(event, means));
    });
}

const EXAMPLES = `
Examples:
  curlew trigger lead.created --set lead.email=ada@example.com
  curlew trigger order.shipped --data '{"order": "A-1"}'
  curlew trigger message.received --endpoint ep_01h455vb4pex5vsknk084sn02q
`;

function wishOf(type: string | undefined, options: Options): TriggerWish {
  const { account, channel, conversation, campaign, endpoint, data, set } = options;
  if (type === undefined) {
    throw new WrongUse("Say which type, such as lead.created; --list shows those that there are.");
  }
  const about = {
    ...(account && { account_id: account }),
    ...(channel && { channel }),
    ...(conversation && { conversation_id: conversation }),
    ...(campaign && { campaign_id: campaign }),
  };
  if (endpoint !== undefined && (data || set.length > 0 || Object.keys(about).length > 0)) {
    throw new WrongUse("A test with --endpoint sends the sample of its type: leave the rest out.");
  }
  return {
    ...{ type, about, changes: set, data: data ?? null, endpoint: endpoint ?? null },
    asJson: options.json ?? false,
  };
}

function readData(text: string): Record<string, unknown> {
  const json =
    text === "-"
      ? readInput(STANDARD_INPUT)
      : text.startsWith("@")
        ? readInput(text.slice(1))
        : text;
  const data = parsed(json);
  if (typeof data === "object" && data !== null && !Array.isArray(data)) {
    return data as Record<string, unknown>; // just looked at
  }
  throw new InvalidArgumentError("It is no JSON object.");
}

function readInput(from: string | number): string {
  try {
    return readFileSync(from, "utf8");
  } catch {
    throw new InvalidArgumentError(`There is no file ${from} that can be read.`);
  }
}

/** A value that is no JSON is text. */
function readChange(text: string, before: [string, unknown][]): [string, unknown][] {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(at, 0));
  if (!/^[^.]+(\.[^.]+)*$/.test(path) || /(^|\.)__proto__(\.|$)/.test(path)) {
    throw new InvalidArgumentError("It is a path, = and a value, such as lead.email=a@b.example.");
  }
  const value = text.slice(at + 1);
  const json = parsed(value);
  return [...before, [path, json === undefined ? value : json]];
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
