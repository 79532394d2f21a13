import { ControlError, fieldsOf } from "../control/input.ts";

const KINDS = ["error", "bare", "drop", "cut", "hang", "delay", "close", "pass"] as const;
const APIS = ["graph", "twilio"] as const;
const TARGETS = ["send", "read", "media", "management", "any"] as const;

/** The codes that each provider documents. */
export type KnownCodes = Record<(typeof APIS)[number], { has(code: number): boolean }>;

export type FaultTarget = Exclude<(typeof TARGETS)[number], "any">;

/**
 * What goes wrong with the next `count` requests that match.
 *
 * | kind  | the request            | the caller sees                                |
 * | ----- | ---------------------- | ---------------------------------------------- |
 * | error | is not carried out     | the provider's own envelope with `code`        |
 * | bare  | is, where `accept`     | `status` (502) and a page of HTML, no envelope |
 * | drop  | is carried out         | a connection closed before any answer          |
 * | cut   | is carried out         | the head of an answer and half of its body     |
 * | hang  | is carried out         | nothing, until the simulator closes            |
 * | delay | is carried out         | its answer `ms` later                          |
 * | close | is not even read       | a connection closed at once                    |
 * | pass  | is carried out         | its answer: lets some through before others    |
 */
export interface FaultInput {
  kind: (typeof KINDS)[number];
  count?: number;
  /** Which requests; sends unless told otherwise. */
  on?: (typeof TARGETS)[number];
  /** Whose API; either, unless the code is an error of one alone. */
  api?: (typeof APIS)[number];
  code?: number;
  /** Meta's second code, such as 2018278. */
  subcode?: number;
  details?: string;
  status?: number;
  accept?: boolean;
  ms?: number;
  /** Only requests for this recipient; the digits count. */
  to?: string;
  /** Only requests of this sender: a phone number id, a Page, an Instagram account, a Twilio number. */
  phone_number_id?: string;
}

export interface Fault extends FaultInput {
  count: number;
  on: (typeof TARGETS)[number];
}

/** The request as far as a fault can tell it from others. */
export interface FaultSubject {
  api: (typeof APIS)[number];
  target: FaultTarget;
  phoneNumberId: string | null;
  /** Null before the body has been read. */
  to: string | null;
}

function readFault(input: unknown, known: KnownCodes): Fault {
  const fields = fieldsOf(input, "faults");
  const kind = fields.choice("kind", KINDS);
  if (kind === undefined) {
    throw new ControlError(`faults: "kind" must be one of ${KINDS.join(", ")}.`);
  }
  const code = fields.integer("code", { min: 0, max: 9_999_999 });
  const status = fields.integer("status", { min: 200, max: 599 });
  if (kind === "error" && code === undefined) {
    throw new ControlError('faults: an "error" needs a "code", such as 131016.');
  }
  if (kind === "error" && code !== undefined && !isKnown(code, known) && status === undefined) {
    throw new ControlError(`faults: ${code} is not in the table of errors; give its "status" too.`);
  }
  const optional = {
    api: fields.choice("api", APIS) ?? apiOf(kind, code, known),
    code,
    status,
    subcode: fields.integer("subcode", { min: 0, max: 9_999_999 }),
    details: fields.text("details"),
    accept: fields.flag("accept"),
    ms: fields.integer("ms", { min: 0, max: 86_400_000 }),
    to: fields.text("to"),
    phone_number_id: fields.text("phone_number_id"),
  };
  const fault: Fault = {
    kind,
    count: fields.integer("count", { min: 1, max: 1_000_000 }) ?? 1,
    on: fields.choice("on", TARGETS) ?? "send",
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
  fields.done();
  if (kind === "close" && fault.to !== undefined) {
    throw new ControlError('faults: "close" comes before the body is read, so "to" is not known.');
  }
  return fault;
}

function isKnown(code: number, known: KnownCodes): boolean {
  return APIS.some((api) => known[api].has(code));
}

/** Whose error this code is, where only one of them has it. */
function apiOf(kind: Fault["kind"], code: number | undefined, known: KnownCodes): Fault["api"] {
  if (kind !== "error" || code === undefined) return undefined;
  const [owner, other] = APIS.filter((api) => known[api].has(code));
  return other === undefined ? owner : undefined;
}

export type Faults = ReturnType<typeof createFaults>;

/** The faults that wait for their requests, first come first served. */
export function createFaults(known: KnownCodes) {
  const waiting: Fault[] = [];
  const digits = (text: string) => text.replace(/\D/g, "");

  function matches(fault: Fault, subject: FaultSubject): boolean {
    if (fault.api !== undefined && fault.api !== subject.api) return false;
    if (fault.on !== "any" && fault.on !== subject.target) return false;
    if (fault.phone_number_id !== undefined && fault.phone_number_id !== subject.phoneNumberId) {
      return false;
    }
    return fault.to === undefined || digits(fault.to) === digits(subject.to ?? "");
  }

  function take(subject: FaultSubject, isWanted: (fault: Fault) => boolean): Fault | null {
    const fault = waiting.find((each) => matches(each, subject));
    if (!fault || !isWanted(fault)) return null;
    fault.count -= 1;
    if (fault.count === 0) waiting.splice(waiting.indexOf(fault), 1);
    return { ...fault };
  }

  return {
    add(inputs: readonly unknown[]): Fault[] {
      const faults = inputs.map((input) => readFault(input, known));
      waiting.push(...faults);
      return waiting.map((fault) => ({ ...fault }));
    },
    waiting: () => waiting.map((fault) => ({ ...fault })),
    clear: () => waiting.splice(0),
    /** True when this request is to be closed unread. */
    takeClose: (subject: FaultSubject) => take(subject, ({ kind }) => kind === "close") !== null,
    takeAnswer: (subject: FaultSubject) => take(subject, ({ kind }) => kind !== "close"),
  };
}
