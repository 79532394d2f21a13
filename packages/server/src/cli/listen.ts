import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import type { ListenWish } from "../listen/listen.ts";

const DEFAULT_PORT = 8400;
const SECRET_BYTES = 24;

interface Options {
  server: string;
  key?: string;
  workspace?: string;
  forwardTo?: string;
  secret?: string;
  after: string;
  type?: string;
  channel?: string;
  account?: string;
  conversation?: string;
}

/** `curlew listen`: what happens at a server, posted to a machine that the server need not reach. */
export function addListenCommand(
  program: Command,
  o: {
    environment: Readonly<Record<string, string | undefined>>;
    print(text: string): void;
    complain(text: string): void;
    stopped: () => AbortSignal;
  },
): void {
  // Beside a server with another port the same variable says which.
  const beside = `http://127.0.0.1:${o.environment["CURLEW_PORT"] ?? DEFAULT_PORT}`;
  program
    .command("listen")
    .description("Follow the log of a server, and post each event to a URL, signed like a webhook")
    .option("--server <url>", "where Curlew is", beside)
    .option("--key <key>", "an API key with events:read; else CURLEW_ADMIN_KEY")
    .option("--workspace <id>", "with the admin key: another workspace than the first")
    .option("--forward-to <url>", "where events are posted; without it they are only shown")
    .option("--secret <whsec>", "signs what is posted; else one is made for this run")
    .option("--after <position>", "an event's id, `start` or `now`", "now")
    .option("--type <types>", "types and prefixes: message.*,lead.created")
    .option("--channel <channels>", "kinds or ids of channels")
    .option("--account <id>", "events of one account")
    .option("--conversation <id>", "events of one conversation")
    .action(async (options: Options) => {
      const wish = wishOf(options, o.environment["CURLEW_ADMIN_KEY"]);
      if ("refusal" in wish) {
        o.complain(wish.refusal);
        process.exitCode = 1;
        return;
      }
      const { listenOnce } = await import("../listen/means.ts");
      o.print(greeting(wish));
      process.exitCode = await listenOnce(wish, {
        ...{ print: o.print, complain: o.complain },
        signal: o.stopped(),
      });
    });
}

function wishOf(options: Options, adminKey: string | undefined): ListenWish | { refusal: string } {
  const key = options.key ?? adminKey;
  if (key === undefined) {
    return { refusal: "Give an API key with --key, or the admin key as CURLEW_ADMIN_KEY." };
  }
  const wrong = [options.server, options.forwardTo ?? options.server].find((url) => !isUrl(url));
  if (wrong !== undefined) {
    return { refusal: `${wrong} is not a URL that begins with https:// or http://.` };
  }
  const { type, channel, account, conversation } = options;
  return {
    server: options.server.replace(/\/+$/, ""),
    key,
    workspace: options.workspace ?? null,
    forwardTo: options.forwardTo ?? null,
    secret: options.secret ?? `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`,
    after: options.after,
    filters: {
      ...(type && { type }),
      ...(channel && { channel }),
      ...(account && { account_id: account }),
      ...(conversation && { conversation_id: conversation }),
    },
  };
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function greeting({ server, forwardTo, secret }: ListenWish): string {
  if (forwardTo === null) return `Listening to ${server}. Ctrl-C ends it.`;
  return `Listening to ${server}; events go to ${forwardTo}. Ctrl-C ends it.\nThey are signed with ${secret}`;
}
