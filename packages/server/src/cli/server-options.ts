import { type Command, InvalidArgumentError, Option } from "commander";
import type { ServerWish } from "../remote/server.ts";
import { WrongUse } from "./failure.ts";

const DEFAULT_PORT = 8400;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What every command that asks a server is given. */
export interface ServerOptions {
  server: string;
  key?: string;
  workspace?: string;
}

export interface RemoteCommandDeps {
  environment: Environment;
  print(text: string): void;
  complain(text: string): void;
  /** Aborts when the command is to end. */
  stopped(): AbortSignal;
}

export function addServerOptions(command: Command, environment: Environment): Command {
  // Beside a server with another port the same variable says which.
  const beside = `http://127.0.0.1:${environment["CURLEW_PORT"] ?? DEFAULT_PORT}`;
  return command
    .addOption(
      new Option("--server <url>", "where Curlew is; else CURLEW_SERVER")
        .default(environment["CURLEW_SERVER"] ?? beside)
        .argParser(readAddress),
    )
    .option("--key <key>", "an API key; else CURLEW_API_KEY, or CURLEW_ADMIN_KEY")
    .option("--workspace <id>", "with the admin key: another workspace than the first");
}

export function serverWish(options: ServerOptions, environment: Environment): ServerWish {
  const key = options.key ?? environment["CURLEW_API_KEY"] ?? environment["CURLEW_ADMIN_KEY"];
  if (!key) {
    throw new WrongUse(
      "Give an API key with --key or as CURLEW_API_KEY, or the admin key as CURLEW_ADMIN_KEY.",
    );
  }
  return {
    server: addressOf(options).replace(/\/+$/, ""),
    key,
    workspace: options.workspace ?? null,
  };
}

/** What was typed is one; what the environment names may not be. */
function addressOf({ server }: ServerOptions): string {
  try {
    return readAddress(server);
  } catch {
    throw new WrongUse(
      `The server's address is ${server}: it must begin with https:// or http://. Give --server, or see to CURLEW_SERVER and CURLEW_PORT.`,
    );
  }
}

/** A URL of http or https; one that begins with a host, or is a port of this machine, is http. */
export function readAddress(text: string): string {
  const whole = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text;
  const url = /^https?:\/\//.test(whole) ? whole : `http://${whole}`;
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(whole.replace(/^https?:\/\//, "")) && URL.canParse(url)) {
    return url;
  }
  throw new InvalidArgumentError("It is no URL that begins with https:// or http://.");
}

/** What has commas between its parts. */
export function readList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
