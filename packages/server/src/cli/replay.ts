import { type Command, InvalidArgumentError, Option } from "commander";
import type { ReplayWish } from "../remote/replay.ts";
import { WrongUse } from "./failure.ts";
import {
  addServerOptions,
  type RemoteCommandDeps,
  readList,
  type ServerOptions,
  serverWish,
} from "./server-options.ts";

const STATES = ["dead", "delivered", "cancelled", "missing"];

interface Options extends ServerOptions {
  all?: boolean;
  endpoint?: string;
  since?: string;
  until?: string;
  type: string[];
  state: string[];
  dryRun?: boolean;
  wait: boolean;
  json?: boolean;
}

/** `curlew replay`: what has ended is made again. */
export function addReplayCommand(program: Command, o: RemoteCommandDeps): void {
  const command = program
    .command("replay [deliveries...]")
    .description(
      "Make deliveries again: some by their ids, or those that have died, or of an endpoint",
    );
  addServerOptions(command, o.environment)
    .option("--all", "every dead letter that there is")
    .option("--endpoint <id>", "those of this endpoint")
    .option(
      "--since <time>",
      "of events from then on: 2026-11-21T10:00:00Z, or 90s, 30m, 2h, 7d ago",
    )
    .option("--until <time>", "of events before then")
    .addOption(
      new Option("--type <types>", "types and prefixes: message.*,lead.created")
        .argParser(readList)
        .default([], "any"),
    )
    .addOption(
      new Option(
        "--state <states>",
        "how they have ended; anything but dead needs --endpoint and --since",
      )
        .argParser(readStates)
        .default(["dead"], "dead"),
    )
    .option("--dry-run", "count, and do nothing")
    .option("--no-wait", "do not wait until they are on their way")
    .option("--json", "the server's answer, for programs")
    .addHelpText("after", EXAMPLES)
    .action(async (deliveries: string[], options: Options) => {
      const wish = wishOf(deliveries, options);
      const { atServer } = await import("../remote/means.ts");
      const { replay } = await import("../remote/replay.ts");
      const terminal = { print: o.print, complain: o.complain, signal: o.stopped() };
      process.exitCode = await atServer(serverWish(options, o.environment), terminal, (means) =>
        replay(wish, means),
      );
    });
}

const EXAMPLES = `
Examples:
  curlew replay dlv_01h455vb4pex5vsknk084sn02q_17
  curlew replay --endpoint ep_01h455vb4pex5vsknk084sn02q --since 2h
  curlew replay --all --type 'message.*' --dry-run
`;

function wishOf(deliveries: readonly string[], options: Options): ReplayWish {
  const { all, endpoint, since, until, type, state, dryRun, wait, json } = options;
  const narrowed = [all, endpoint, since, until].some(Boolean) || type.length > 0;
  const isOfDead = state.every((each) => each === "dead");
  if (deliveries.length > 0 && (narrowed || dryRun || !isOfDead)) {
    throw new WrongUse("Give either ids of deliveries, or what describes them.");
  }
  if (!isOfDead && (endpoint === undefined || since === undefined)) {
    throw new WrongUse("To replay what is not dead, give --endpoint and --since.");
  }
  if (deliveries.length === 0 && !narrowed) {
    throw new WrongUse(
      "Say what: ids of deliveries, --endpoint, --since, --type, or --all for every dead letter.",
    );
  }
  return {
    ...{ deliveries, endpoint: endpoint ?? null, since: since ?? null, until: until ?? null },
    ...{ types: type, states: state, dryRun: dryRun ?? false, detached: !wait },
    asJson: json ?? false,
  };
}

function readStates(text: string): string[] {
  const states = readList(text);
  if (states.length > 0 && states.every((state) => STATES.includes(state))) return states;
  throw new InvalidArgumentError(`They are ${STATES.join(", ")}, with commas between them.`);
}
