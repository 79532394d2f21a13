import { parseArgs } from "node:util";
import { ControlError } from "./control/input.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

const DEFAULT_PORT = 8410;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

const HELP = `curlew-simulator: Meta's Graph API and Twilio, played over HTTP

  serve [--port ${DEFAULT_PORT}] [--host 127.0.0.1] [--webhook <url>] [--app-secret <secret>]
        [--verify-token <token>] [--statuses sent,delivered,read | off] [--window async|sync|off]
        [--number <phone_number_id>] [--waba <id>] [--display <digits>]
        [--sms-url <url>] [--sms-number <E.164>] [--connect-to <origin>]

These talk to a simulator that runs (--simulator ${DEFAULT_URL}):

  message <text> --from <phone> [--user-id <bsuid>] [--name <name>] [--to-number <phone_number_id>]
          [--id <wamid>] [--repeat <n>] [--signature right|wrong|missing|sha1_only]
  status <wamid | last> <sent|delivered|read|played|failed> [--code <error>] [--repeat <n>]
  dm <text> --from <psid | igsid> [--to-number <Page or Instagram account>] [--id <mid>] [--repeat <n>]
  sms <text> --from <phone> [--to-number <E.164>] [--id <sid>] [--repeat <n>] [--signature right|wrong|missing]
  sms-status <sid | last> <sent|delivered|undelivered|failed> [--code <error>] [--repeat <n>]
  clock [<milliseconds to go forward>]
  batch <file.json | ->         { "items": [ … ], "order": "shuffle", … }
  fault <kind> [--count <n>] [--code <error>] [--status <http>] [--ms <n>] [--accept] [--to <phone>]
  subscribe <url> [--verify-token <token>]
  settings [<name>=<value> …]
  requests | accepted | posts | numbers | faults | tick | retry-now | idle | reset
  control <METHOD> <route> [<json>]     any other command; "control GET /" lists them all
`;

export interface CliHost {
  out(text: string): void;
  err(text: string): void;
  /** The text of a file; "-" is the standard input. */
  readFile(path: string): Promise<string>;
  /** Resolves when a serving simulator is to stop. */
  untilInterrupted(): Promise<unknown>;
}

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  webhook: { type: "string" },
  "app-secret": { type: "string" },
  "verify-token": { type: "string" },
  statuses: { type: "string" },
  window: { type: "string" },
  number: { type: "string" },
  waba: { type: "string" },
  display: { type: "string" },
  "sms-url": { type: "string" },
  "sms-number": { type: "string" },
  "connect-to": { type: "string" },
  simulator: { type: "string" },
  from: { type: "string" },
  "user-id": { type: "string" },
  name: { type: "string" },
  "to-number": { type: "string" },
  id: { type: "string" },
  repeat: { type: "string" },
  signature: { type: "string" },
  code: { type: "string" },
  count: { type: "string" },
  status: { type: "string" },
  ms: { type: "string" },
  to: { type: "string" },
  accept: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parse>["values"];
type Call = { method: string; route: string; body?: JsonObject | string };

const READERS = ["requests", "accepted", "posts", "numbers", "faults", "idle"];
const DOERS = ["tick", "retry-now", "reset"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** Runs one command line; 0 when it worked, 1 when the simulator refused, 2 when it made no sense. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) {
      host.out(HELP);
      return values.help ? 0 : 2;
    }
    if (command === "serve") return await serve(values, host);
    return await call(await callFor(command, rest, values, host), values, host);
  } catch (error) {
    host.err(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

async function serve(values: Values, host: CliHost): Promise<number> {
  const simulator = await startSimulator({
    port: values.port === undefined ? DEFAULT_PORT : wholeNumber("port", values.port),
    host: values.host ?? "127.0.0.1",
    appSecret: values["app-secret"] ?? "simulated-app-secret",
    verifyToken: values["verify-token"] ?? "simulated-verify-token",
    tickEveryMs: 1_000,
    ...(values.webhook === undefined ? {} : { webhookUrl: values.webhook }),
    ...(values.number === undefined ? {} : { numbers: [numberOf(values, values.number)] }),
  });
  try {
    simulator.configure(
      given({ statuses: values.statuses ?? "sent,delivered", window: values.window }),
    );
    furnishTwilio(simulator, values);
    host.out(`Graph API: ${simulator.url}  (webhooks to ${values.webhook ?? "nobody yet"})`);
    await host.untilInterrupted();
  } finally {
    await simulator.close();
  }
  return 0;
}

function furnishTwilio({ twilio }: Simulator, values: Values): void {
  const [first] = twilio.numbers().numbers;
  const phone_number = values["sms-number"] ?? first?.phone_number ?? "";
  const smsUrl = values["sms-url"];
  twilio.putNumber({ phone_number, ...(smsUrl === undefined ? {} : { sms_url: smsUrl }) });
  const connectTo = values["connect-to"];
  twilio.configure({
    statuses: "sent,delivered",
    ...(connectTo === undefined ? {} : { connect_to: connectTo }),
  });
}

function numberOf(values: Values, id: string) {
  return {
    phone_number_id: id,
    ...(values.waba === undefined ? {} : { waba_id: values.waba }),
    ...(values.display === undefined ? {} : { display_phone_number: values.display }),
  };
}

async function callFor(
  command: string,
  rest: readonly string[],
  values: Values,
  host: CliHost,
): Promise<Call> {
  if (READERS.includes(command)) return { method: "GET", route: command };
  if (DOERS.includes(command)) return { method: "POST", route: command };
  const post = (route: string, body: JsonObject | string): Call => ({
    method: "POST",
    route,
    body,
  });
  const repeat = { repeat: optionalNumber("repeat", values.repeat), signature: values.signature };
  switch (command) {
    case "message":
      return post(
        "messages",
        given({
          text: needed(rest[0], 'message needs a text: message "hello" --from 15551234567'),
          from: values.from,
          user_id: values["user-id"],
          name: values.name,
          phone_number_id: values["to-number"],
          id: values.id,
          ...repeat,
        }),
      );
    case "status":
      return post(
        "statuses",
        given({
          id: needed(rest[0], "status needs a message id, or last: status last delivered"),
          status: needed(rest[1], "status needs a status: status last delivered"),
          code: optionalNumber("code", values.code),
          ...repeat,
        }),
      );
    case "dm":
      return post(
        "social/messages",
        given({
          text: needed(rest[0], 'dm needs a text: dm "hello" --from 3383290475046708'),
          from: values.from,
          to: values["to-number"],
          id: values.id,
          ...repeat,
        }),
      );
    case "sms":
      return post(
        "twilio/messages",
        given({
          body: needed(rest[0], 'sms needs a text: sms "hello" --from +15551234567'),
          from: values.from,
          to: values["to-number"],
          sid: values.id,
          ...repeat,
        }),
      );
    case "sms-status":
      return post(
        "twilio/statuses",
        given({
          sid: needed(rest[0], "sms-status needs a sid, or last: sms-status last delivered"),
          status: needed(rest[1], "sms-status needs a status: sms-status last delivered"),
          error_code: optionalNumber("code", values.code),
          ...repeat,
        }),
      );
    case "clock":
      return rest.length === 0
        ? { method: "GET", route: "clock" }
        : post("clock", given({ advance_ms: optionalNumber("clock", rest[0]) }));
    case "batch":
      return post("batch", await host.readFile(needed(rest[0], "batch needs a file, or -")));
    case "fault":
      return post(
        "faults",
        given({
          kind: needed(rest[0], "fault needs a kind: fault drop --count 2"),
          count: optionalNumber("count", values.count),
          code: optionalNumber("code", values.code),
          status: optionalNumber("status", values.status),
          ms: optionalNumber("ms", values.ms),
          accept: values.accept,
          to: values.to,
        }),
      );
    case "subscribe":
      return post(
        "subscribe",
        given({
          url: needed(rest[0], "subscribe needs a URL"),
          verify_token: values["verify-token"],
        }),
      );
    case "settings":
      return rest.length === 0
        ? { method: "GET", route: "settings" }
        : post("settings", Object.fromEntries(rest.map(setting)));
    case "control": {
      const method = needed(rest[0], "control needs a method and a route: control GET requests");
      const route = (rest[1] ?? "").replace(/^\/?(_control)?\/?/, "");
      return { method: method.toUpperCase(), route, ...(rest[2] ? { body: rest[2] } : {}) };
    }
    default:
      throw new ControlError(`There is no command "${command}".\n\n${HELP}`);
  }
}

async function call({ method, route, body }: Call, values: Values, host: CliHost): Promise<number> {
  const base = (values.simulator ?? DEFAULT_URL).replace(/\/+$/, "");
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const response = await fetch(`${base}/_control/${route}`, {
    method,
    ...(text === undefined ? {} : { body: text }),
  }).catch(() => {
    throw new ControlError(`No simulator answers at ${base}. Start one: curlew-simulator serve`);
  });
  const answer = (await response.text()).trim();
  if (response.ok) {
    host.out(answer);
    return 0;
  }
  const parsed = parseJson(answer);
  host.err(isObject(parsed) ? String(parsed["error"]) : answer);
  return 1;
}

function setting(pair: string): [string, unknown] {
  const [name = "", ...value] = pair.split("=");
  if (value.length === 0) throw new ControlError(`"${pair}" is not of the form name=value.`);
  const text = value.join("=");
  return [name, parseJson(text) ?? text];
}

function given(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function needed(value: string | undefined, complaint: string): string {
  if (value === undefined || value === "") throw new ControlError(complaint);
  return value;
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new ControlError(`--${name} must be a whole number, not "${text}".`);
}
