import type { DestinationStream } from "pino";

const LEVELS: Record<number, string> = { 20: "debug", 30: "info", 40: "WARN", 50: "ERROR" };
const OWN = new Set(["level", "time", "pid", "msg"]);

/** All but the ends of lines and tabs: what others have written must not speak to the terminal. */
const CONTROL = /[^\P{Cc}\n\t]/gu;

/** Turns pino's lines into lines for people: time, level, message, then the fields. */
export function prettyStream(out: DestinationStream): DestinationStream {
  return { write: (line) => out.write(`${prettyLine(line).replace(CONTROL, escaped)}\n`) };
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function prettyLine(line: string): string {
  const entry: Record<string, unknown> = JSON.parse(line);
  const time = String(entry["time"]).slice(11, 23);
  const level = (LEVELS[Number(entry["level"])] ?? String(entry["level"])).padEnd(5);
  const fields = Object.entries(entry)
    .filter(([key]) => !OWN.has(key))
    .map(([key, value]) => ` ${key}=${prettyValue(value)}`);
  const stack = stackOf(entry["err"]) ?? stackOf(entry["error"]);
  return `${time} ${level} ${entry["msg"]}${fields.join("")}${stack ? `\n${stack}` : ""}`;
}

function prettyValue(value: unknown): string {
  if (typeof value === "string") return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  if (stackOf(value) === null) return JSON.stringify(value) ?? "";
  return JSON.stringify({ ...Object(value), stack: undefined });
}

function stackOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("stack" in value)) return null;
  return typeof value.stack === "string" ? value.stack : null;
}
