import { ControlError, fieldsOf } from "../control/input.ts";
import { TWILIO_ERRORS } from "./errors.ts";

/** Somebody with a telephone. Whoever is named for the first time exists from then on. */
export interface SmsPerson {
  phone: string;
  /** The error that every message to them ends with; null when all goes well. */
  fails_with: number | null;
  /** What they have stopped: numbers and messaging services. */
  stopped: string[];
}

export interface SmsPersonInput {
  phone: string;
  /** 21211, 21608, 21610, 21612, 21614 are answered at once; others come as a status. 0 mends it. */
  fails_with?: number;
}

/** Errors that Twilio knows of before it accepts a message. */
const KNOWN_AT_ONCE: ReadonlySet<number> = new Set([21211, 21408, 21608, 21610, 21612, 21614]);

export function isKnownAtOnce(code: number): boolean {
  return KNOWN_AT_ONCE.has(code);
}

export function createSmsPeople() {
  const people = new Map<string, SmsPerson>();
  const person = (phone: string): SmsPerson => {
    const known = people.get(phone) ?? { phone, fails_with: null, stopped: [] };
    people.set(phone, known);
    return known;
  };
  return {
    person,
    hasStopped: (phone: string, pool: string) => people.get(phone)?.stopped.includes(pool) ?? false,
    stop(phone: string, pool: string): void {
      const { stopped } = person(phone);
      if (!stopped.includes(pool)) stopped.push(pool);
    },
    start(phone: string, pool: string): void {
      const known = person(phone);
      known.stopped = known.stopped.filter((each) => each !== pool);
    },
    put(input: unknown): SmsPerson {
      const fields = fieldsOf(input, "twilio people");
      const known = person(fields.requiredText("phone"));
      const code = fields.integer("fails_with", { min: 0, max: 99_999 });
      fields.done();
      if (code !== undefined && code !== 0 && !TWILIO_ERRORS.has(code)) {
        throw new ControlError(`twilio people: ${code} is not in the table of errors.`);
      }
      if (code !== undefined) known.fails_with = code === 0 ? null : code;
      return known;
    },
    clear: () => people.clear(),
  };
}
