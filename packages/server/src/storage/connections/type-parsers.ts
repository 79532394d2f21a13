import pg from "pg";

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const TIMESTAMPTZ_ARRAY = 1185;

const ours = new Map<number, (text: string) => unknown>([
  [INT8, toSafeInteger],
  [INT8_ARRAY, (text) => toArray(text, toSafeInteger)],
  [TIMESTAMPTZ, toEpochMs],
  [TIMESTAMPTZ_ARRAY, (text) => toArray(text, toEpochMs)],
  // Days and wall-clock times belong to no zone: pg would read them in this machine's.
  [DATE, String],
  [TIMESTAMP, String],
]);

/**
 * How the columns of a result become values: `timestamptz` the milliseconds since the epoch
 * (microseconds are cut off), `bigint` a number, `date` its text. Given to each client, so that
 * another user of `pg` in this process keeps what it is used to.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    (format === "binary" ? undefined : ours.get(oid)) ?? pg.types.getTypeParser(oid, format),
};

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
  return value;
}

const TIMESTAMP_TEXT =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?$/;

function toEpochMs(text: string): number {
  const match = TIMESTAMP_TEXT.exec(text);
  if (!match) throw new RangeError(`${text} is no instant that can be counted`);
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHour, zoneMinute] =
    match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.padEnd(3, "0").slice(0, 3)),
  );
  const offsetMs = (Number(zoneHour) * 60 + Number(zoneMinute ?? 0)) * 60_000;
  return sign === "-" ? ms + offsetMs : ms - offsetMs;
}

/** One dimension only, and elements without commas or escapes: numbers and instants. */
function toArray<T>(text: string, read: (element: string) => T): (T | null)[] {
  const inside = text.slice(1, -1);
  if (inside === "") return [];
  return inside
    .split(",")
    .map((element) => (element === "NULL" ? null : read(element.replaceAll('"', ""))));
}
