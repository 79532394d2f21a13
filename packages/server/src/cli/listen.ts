import { createHmac } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ListenWish } from "../remote/listen/listen.ts";
import {
  addServerOptions,
  type RemoteCommandDeps,
  readAddress,
  type ServerOptions,
  serverWish,
} from "./server-options.ts";

const SECRET_BYTES = 24;
const SECRET = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/;

interface Options extends ServerOptions {
  forwardTo?: string;
  secret?: string;
  printSecret?: boolean;
  after: string;
  type?: string;
  channel?: string;
  account?: string;
  conversation?: string;
  json?: boolean;
}

/** `curlew listen`: what happens at a server, posted to a machine that the server need not reach. */
export function addListenCommand(program: Command, o: RemoteCommandDeps): void {
  const command = program
    .command("listen")
    .description("Follow the log of a server, and post each event to a URL, signed like a webhook");
  addServerOptions(command, o.environment)
    .addOption(
      new Option(
        "--forward-to <url>",
        "where events are posted: a URL, or a port of this machine; without it they are only shown",
      ).argParser(readAddress),
    )
    .addOption(
      new Option(
        "--secret <whsec>",
        "signs what is posted; else one that stays the same for a key",
      ).argParser(readSecret),
    )
    .option(
      "--print-secret",
      "only print the secret that signs, for the environment of your server",
    )
    .option("--after <position>", "an event's id, `start` or `now`", "now")
    .option("--type <types>", "types and prefixes: message.*,lead.created")
    .option("--channel <channels>", "kinds or ids of channels")
    .option("--account <id>", "events of one account")
    .option("--conversation <id>", "events of one conversation")
    .option("--json", "events as lines of JSON, for programs; the rest goes to standard error")
    .addHelpText("after", EXAMPLES)
    .action(async (options: Options) => {
      const wish = wishOf(options, o);
      if (options.printSecret) {
        o.print(wish.secret);
        return;
      }
      const [{ atServer }, { listen }] = await Promise.all([
        import("../remote/means.ts"),
        import("../remote/listen/listen.ts"),
      ]);
      const terminal = { print: o.print, complain: o.complain, signal: o.stopped() };
      process.exitCode = await atServer(wish, terminal, (means) => listen(wish, means));
    });
}

const EXAMPLES = `
Examples:
  curlew listen --forward-to 3000/webhooks/curlew
  curlew listen --server https://curlew.example.com --type 'message.*' --after start
  curlew listen --json | jq .data
`;

function wishOf(options: Options, { environment }: RemoteCommandDeps): ListenWish {
  const { type, channel, account, conversation } = options;
  const wish = serverWish(options, environment);
  return {
    ...wish,
    forwardTo: options.forwardTo ?? null,
    secret: options.secret ?? secretOf(wish.key),
    after: options.after,
    filters: {
      ...(type && { type }),
      ...(channel && { channel }),
      ...(account && { account_id: account }),
      ...(conversation && { conversation_id: conversation }),
    },
    asJson: options.json ?? false,
  };
}

/** Whoever has a key has the same secret in every run; nobody learns the key from it. */
function secretOf(key: string): string {
  const bytes = createHmac("sha256", key).update("curlew listen v1").digest();
  return `whsec_${bytes.subarray(0, SECRET_BYTES).toString("base64")}`;
}

function readSecret(text: string): string {
  if (SECRET.test(text)) return text;
  throw new InvalidArgumentError("It is whsec_ and the base64 of 24 bytes at least.");
}
