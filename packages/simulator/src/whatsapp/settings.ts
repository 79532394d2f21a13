import { ControlError, type Fields, fieldsOf } from "../control/input.ts";

export const STATUS_NAMES = ["sent", "delivered", "read", "played", "failed"] as const;
export type StatusName = (typeof STATUS_NAMES)[number];

export interface StatusStep {
  status: StatusName;
  /** The error of a failed status. */
  code?: number;
}

/** What happens by itself after a send has been accepted. */
export interface StatusScript {
  /** Comma-separated: `sent,delivered,read`, `sent,failed:131049`; `off` for nothing. */
  steps: string;
  /** A user who reads at once: `delivered` never comes. */
  skip_delivered: boolean;
  /** Every status comes twice. */
  duplicate: boolean;
  /** The last status comes first. */
  reverse: boolean;
  /** The statuses come before the HTTP answer to the send. */
  before_answer: boolean;
}

export interface Settings {
  /** How a free-form message outside the 24 h window is refused: 131047 in a failed status, in the answer, or not at all. */
  window: "async" | "sync" | "off";
  /** How an unreachable recipient (131026) or one who stopped marketing (131050) is told. */
  undeliverable: "async" | "sync";
  /** One message to the same user in this many milliseconds, after a burst; 0 lifts the limit. */
  pair_every_ms: number;
  pair_burst: number;
  /** Messages per second and phone number; 0 lifts the limit. */
  throughput_per_s: number;
  /** Calls per hour and business account that are not messages; 0 lifts the limit. */
  management_calls_per_hour: number;
  /** Reactions and read marks for a message id that the simulator never saw are refused. */
  strict_message_ids: boolean;
  /** Statuses carry the conversation object of the versions before v24. */
  conversation_objects: boolean;
  statuses: StatusScript;
}

export type SettingsInput = Partial<Omit<Settings, "statuses">> & {
  statuses?: string | Partial<StatusScript>;
};

export const DEFAULT_SETTINGS: Settings = {
  window: "async",
  undeliverable: "async",
  pair_every_ms: 6_000,
  pair_burst: 45,
  throughput_per_s: 80,
  management_calls_per_hour: 5_000,
  strict_message_ids: false,
  conversation_objects: false,
  statuses: {
    steps: "off",
    skip_delivered: false,
    duplicate: false,
    reverse: false,
    before_answer: false,
  },
};

/** The statuses of a script, in the order in which they are sent. Throws ControlError in words. */
export function statusSteps(script: StatusScript): StatusStep[] {
  if (script.steps === "off" || script.steps === "") return [];
  const steps = script.steps
    .split(",")
    .map((text) => readStep(text.trim()))
    .filter((step) => !(script.skip_delivered && step.status === "delivered"));
  if (script.reverse) steps.reverse();
  return script.duplicate ? steps.flatMap((step) => [step, step]) : steps;
}

function readStep(text: string): StatusStep {
  const [name = "", code] = text.split(":");
  const status = STATUS_NAMES.find((known) => known === name);
  const isCode = code === undefined || (status === "failed" && /^\d{1,7}$/.test(code));
  if (status === undefined || !isCode) {
    throw new ControlError(
      `statuses: "${text}" is not a step. Use off, or a list of ${STATUS_NAMES.join(", ")} such as ` +
        '"sent,delivered,read" or "sent,failed:131049".',
    );
  }
  return code === undefined ? { status } : { status, code: Number(code) };
}

function readScript(fields: Fields, current: StatusScript): StatusScript {
  const script: StatusScript = {
    steps: fields.text("steps") ?? current.steps,
    skip_delivered: fields.flag("skip_delivered") ?? current.skip_delivered,
    duplicate: fields.flag("duplicate") ?? current.duplicate,
    reverse: fields.flag("reverse") ?? current.reverse,
    before_answer: fields.flag("before_answer") ?? current.before_answer,
  };
  fields.done();
  return script;
}

/** The settings with what `input` names changed. Throws ControlError in words. */
export function changeSettings(current: Settings, input: unknown): Settings {
  const fields = fieldsOf(input, "settings");
  const limit = { min: 0, max: 1_000_000_000 };
  const given = fields.value("statuses") ?? {};
  const script = typeof given === "string" ? { steps: given } : given;
  const next: Settings = {
    window: fields.choice("window", ["async", "sync", "off"]) ?? current.window,
    undeliverable: fields.choice("undeliverable", ["async", "sync"]) ?? current.undeliverable,
    pair_every_ms: fields.integer("pair_every_ms", limit) ?? current.pair_every_ms,
    pair_burst: fields.integer("pair_burst", { min: 1, max: 1_000_000 }) ?? current.pair_burst,
    throughput_per_s: fields.integer("throughput_per_s", limit) ?? current.throughput_per_s,
    management_calls_per_hour:
      fields.integer("management_calls_per_hour", limit) ?? current.management_calls_per_hour,
    strict_message_ids: fields.flag("strict_message_ids") ?? current.strict_message_ids,
    conversation_objects: fields.flag("conversation_objects") ?? current.conversation_objects,
    statuses: readScript(fieldsOf(script, "settings.statuses"), current.statuses),
  };
  fields.done();
  statusSteps(next.statuses);
  return next;
}
