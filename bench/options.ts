import { parseArgs } from "node:util";

/** Why a run cannot be as it was asked for, in words for the person who asked. */
export class Unusable extends Error {}

export const PARTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i"] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  parts: ReadonlySet<Part>;
  /** Of each window. */
  seconds: number;
  /** Of the load before the first window. */
  warmUpSeconds: number;
  /** Windows of (a) and (b) in turns. */
  pairs: number;
  fanOuts: readonly number[];
  /** Requests that the load generator has under way at a time. */
  connections: number;
  /** Deliveries that wait in the retry lane at the most. */
  waiting: number;
  /** Deliveries that wait for an endpoint that hangs. */
  backlog: number;
  /** Dead letters, and all the deliveries that they are among. */
  deadLetters: number;
  deliveries: number;
  /** How long the retry lane is watched beside a long-running reader. */
  readerSeconds: number;
  embedded: boolean;
  databaseUrl: string | null;
  /** Where the figures go as JSON, or null. */
  json: string | null;
  /** Show where the gateway's processor time goes, and measure nothing. */
  profile: boolean;
  /** Leave out what only makes figures surer. */
  isQuick: boolean;
}

export const HELP = `npm run bench -- [flags]

  --only a,b,…       a: the limit, b: end to end, c: the retry lane, d: hanging endpoints,
                     e: isolation, f: tenants, g: from a provider, h: both directions, i: scale (all)
  --seconds N        length of each window (8)
  --pairs N          windows in turns, of (a) and (b) and of (e) to (i), whose medians count (3)
  --fan-out N,N      endpoints that each event reaches, 1 to 16 (1,5)
  --connections N    requests under way at a time, 1 to 512 (128)
  --waiting N        deliveries that wait in the retry lane, 10000 to 2000000 (1000000)
  --backlog N        deliveries that wait for an endpoint that hangs, 1000 to 1000000 (100000)
  --dead-letters N   dead letters that are listed, 10000 to 5000000 (1000000)
  --deliveries N     deliveries that these are among, for the ledger, up to 50 times as many (10000000)
  --minutes N        length of the retry lane's window beside a long-running reader (1)
  --database URL     measure on this PostgreSQL as well, in a database made for it (DATABASE_URL)
  --no-embedded      and not on the embedded one
  --json FILE        write all figures there too
  --profile          show instead where the gateway's processor time goes, for b, c and g
  --quick            short windows and few of them, a tenth of the rows: minutes, and only a rough idea
  --help             this`;

const DEFAULTS = {
  ...{ seconds: 8, warmUpSeconds: 3, pairs: 3, minutes: 1 },
  ...{ waiting: 1_000_000, backlog: 100_000, deadLetters: 1_000_000, deliveries: 10_000_000 },
};
const QUICK = {
  ...{ seconds: 2, warmUpSeconds: 1, pairs: 1, minutes: 0.1 },
  ...{ waiting: 50_000, backlog: 10_000, deadLetters: 100_000, deliveries: 1_000_000 },
};

/** Throws an Unusable that names every flag at fault. Null: the help was asked for. */
export function readOptions(
  args: readonly string[],
  env: { DATABASE_URL?: string | undefined },
): Options | null {
  const { values } = parse(args);
  if (values.help) return null;
  const problems: string[] = [];
  const preset = values.quick ? QUICK : DEFAULTS;
  const databaseUrl = values.database ?? (env.DATABASE_URL || null);
  const options: Options = {
    parts: new Set(
      list("only", values.only ?? PARTS.join(","), (text) => {
        const part = PARTS.find((each) => each === text);
        if (!part) problems.push(`--only takes ${PARTS.join(", ")}, not "${text}"`);
        return part ?? "a";
      }),
    ),
    seconds: number("seconds", values.seconds, preset.seconds, 1, 120),
    warmUpSeconds: preset.warmUpSeconds,
    pairs: whole("pairs", values.pairs, preset.pairs, 1, 50),
    fanOuts: list("fan-out", values["fan-out"] ?? "1,5", (text) =>
      whole("fan-out", text, 1, 1, 16),
    ),
    connections: whole("connections", values.connections, 128, 1, 512),
    waiting: whole("waiting", values.waiting, preset.waiting, 10_000, 2_000_000),
    backlog: whole("backlog", values.backlog, preset.backlog, 1_000, 1_000_000),
    deadLetters: whole(
      "dead-letters",
      values["dead-letters"],
      preset.deadLetters,
      10_000,
      5_000_000,
    ),
    deliveries: whole("deliveries", values.deliveries, preset.deliveries, 10_000, 50_000_000),
    readerSeconds: number("minutes", values.minutes, preset.minutes, 0.1, 30) * 60,
    embedded: !values["no-embedded"],
    databaseUrl,
    json: values.json ?? null,
    profile: values.profile ?? false,
    isQuick: values.quick ?? false,
  };
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push("--database (DATABASE_URL) takes a URL that begins with postgresql://");
  }
  if (databaseUrl === null && !options.embedded) {
    problems.push("--no-embedded leaves no database: name one with --database");
  }
  if (problems.length > 0) throw new Unusable(`${problems.join("\n")}\n\n${HELP}`);
  return options;

  function list<T>(flag: string, text: string, read: (text: string) => T): T[] {
    const items = text.split(",").map((each) => each.trim());
    if (items.includes("")) problems.push(`--${flag} takes a list with commas, not "${text}"`);
    return items.filter((each) => each !== "").map(read);
  }

  function number(
    flag: string,
    text: string | undefined,
    preset: number,
    least: number,
    most: number,
  ) {
    if (text === undefined) return preset;
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    problems.push(`--${flag} takes a number from ${least} to ${most}, not "${text}"`);
    return preset;
  }

  function whole(
    flag: string,
    text: string | undefined,
    preset: number,
    least: number,
    most: number,
  ) {
    const value = number(flag, text, preset, least, most);
    if (Number.isInteger(value)) return value;
    problems.push(`--${flag} takes a whole number, not "${text}"`);
    return preset;
  }
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const yes = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: text,
        seconds: text,
        pairs: text,
        "fan-out": text,
        connections: text,
        waiting: text,
        backlog: text,
        "dead-letters": text,
        deliveries: text,
        minutes: text,
        database: text,
        "no-embedded": yes,
        json: text,
        profile: yes,
        quick: yes,
        help: yes,
      },
    });
  } catch (error) {
    // Its first sentence says it; the others explain how to write other flags than ours.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new Unusable(`${sentence}.\n\n${HELP}`);
  }
}
