import type { Logger } from "../../src/core/outside/log.ts";

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  fields: object;
  message: string;
}

/** A logger that prints nothing and remembers everything, its children's lines too. */
export interface SilentLogger extends Logger {
  readonly lines: readonly LogLine[];
}

export function silentLogger(bound: object = {}, lines: LogLine[] = []): SilentLogger {
  const at = (level: LogLine["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...bound, ...fields }, message });
  };
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => silentLogger({ ...bound, ...fields }, lines),
  };
}
