const LOCALE = "en-GB";
const NUMBER = new Intl.NumberFormat("en");
const CLOCK = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });
const MINUTE = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const WEEKDAY = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "short",
});
const LONG = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const UTC = new Intl.DateTimeFormat(LOCALE, {
  timeZone: "UTC",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `184,392` */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** `1 delivery`, `1,126 deliveries`: of a count that is written already. */
export function counted(count: string, one: string, many: string): string {
  return `${count} ${count === "1" ? one : many}`;
}

/** `1.3k`, for places that have room for four characters. */
export function shortNumber(value: number): string {
  if (value < 1_000) return String(value);
  if (value < 999_500) return `${(value / 1_000).toFixed(value < 9_950 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

/** `98.6 %` of a share between 0 and 1. */
export function percent(share: number, digits = 1): string {
  // Nothing that fell short is shown as all of it.
  const shown = share < 1 ? Math.min(share * 100, 100 - 10 ** -digits) : 100;
  return `${shown.toFixed(shown === 100 ? 0 : digits)} %`;
}

/** A time that was measured: `388 ms`, `1.21 s`, `15.0 s`. */
export function took(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(2)} s`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  return wait(ms / SECOND_MS);
}

/** A wait that was decided, or a span: `30 s`, `13 m 30 s`, `27 h 35 m`, `5 d 3 h`. */
export function wait(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return joined(Math.floor(s / 60), "m", s % 60, "s");
  const minutes = Math.round(s / 60);
  if (s < 2 * 86_400) return joined(Math.floor(minutes / 60), "h", minutes % 60, "m");
  const hours = Math.round(s / 3_600);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0
    ? `${large} ${unit}`
    : `${large} ${unit} ${String(small).padStart(smallUnit === "s" ? 2 : 1, "0")} ${smallUnit}`;
}

/** `112 bytes`, `4.0 KB` */
export function bytes(count: number): string {
  if (count === 1) return "1 byte";
  if (count < 1_024) return `${count} bytes`;
  if (count < 1_048_576) return `${(count / 1_024).toFixed(1)} KB`;
  return `${(count / 1_048_576).toFixed(1)} MB`;
}

/** How long ago, for a column: `8 m`. In the future: how long until. */
export function age(at: number, now: number): string {
  const ms = Math.abs(now - at);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** In a sentence: `8 minutes ago`, `in 2 hours`. */
export function ago(at: number, now: number): string {
  const ms = at - now;
  const [value, unit] =
    Math.abs(ms) < MINUTE_MS
      ? ([ms / SECOND_MS, "second"] as const)
      : Math.abs(ms) < HOUR_MS
        ? ([ms / MINUTE_MS, "minute"] as const)
        : Math.abs(ms) < DAY_MS
          ? ([ms / HOUR_MS, "hour"] as const)
          : ([ms / DAY_MS, "day"] as const);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(value), unit);
}

/** `14:32:07` */
export function clock(at: number): string {
  return CLOCK.format(at);
}

/** `14:32` today, `20 Nov, 16:02` before. */
export function moment(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? MINUTE.format(at) : `${DAY.format(at)}, ${MINUTE.format(at)}`;
}

/** `20 Nov` */
export function date(at: number): string {
  return DAY.format(at);
}

/** `today`, `yesterday`, `Thu 19 Nov`. */
export function day(at: number, now: number): string {
  const name = new Date(at).toDateString();
  if (name === new Date(now).toDateString()) return "today";
  if (name === new Date(now - DAY_MS).toDateString()) return "yesterday";
  return WEEKDAY.format(at).replace(",", "");
}

/** To the millisecond, here and in UTC: `Sat, 21 Nov, 14:23:47.412 · 12:23:47.412 UTC`. */
export function exact(at: number): string {
  return `${LONG.format(at)} · ${UTC.format(at)} UTC`;
}

/** `dlv_…ac5efd`: UUIDv7 begin alike, so the prefix and the end. */
export function shortId(id: string): string {
  const cut = id.indexOf("_");
  if (cut === -1 || id.length - cut <= 8) return id;
  return `${id.slice(0, cut + 1)}…${id.slice(-6)}`;
}

/** `MK` of Mira Kask. */
export function initialsOf(name: string): string {
  // By characters: half of one is none.
  const letters = name.split(/\s+/).map((word) => [...word][0] ?? "");
  return [letters[0], letters.length > 1 ? letters.at(-1) : ""].join("").toUpperCase();
}
