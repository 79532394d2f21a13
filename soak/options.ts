import { parseArgs } from "node:util";

export interface Options {
  minutes: number;
  /** Events published a second; what comes from providers and is sent goes with it. */
  rate: number;
  /** Where the figures go as JSON, or null. */
  json: string | null;
}

export const HELP = `npm run soak -- [flags]

  --minutes N   how long traffic and faults go on, 0.5 to 1440 (2)
  --rate N      events published a second, 1 to 200 (10)
  --json FILE   write the figures there too
  --help        this

Two servers on one PostgreSQL, whose clock it moves by a day now and then; the providers and the
receivers are its own. It ends with a report, and with an exit code of 1 when something is not right.`;

/** Throws in words what cannot be meant. Null: the help was asked for. */
export function readOptions(args: readonly string[]): Options | null {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, rate: text, json: text, help: { type: "boolean" } },
  });
  if (values.help) return null;
  return {
    minutes: within("minutes", values.minutes ?? "2", 0.5, 1_440),
    rate: within("rate", values.rate ?? "10", 1, 200),
    json: values.json ?? null,
  };
}

function within(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw new Error(`--${flag} takes a number from ${least} to ${most}, not "${text}"`);
}
