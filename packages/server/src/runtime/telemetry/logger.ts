import { type DestinationStream, destination, type Level, type Logger as Pino, pino } from "pino";
import type { Logger } from "../../core/outside/log.ts";
import { scrubFields, scrubText } from "./log-scrubbing.ts";
import { prettyStream } from "./pretty-log.ts";

export interface LoggerOptions {
  level: Level | "silent";
  /** Lines for people instead of JSON. */
  pretty?: boolean;
  /** Standard output when absent. */
  destination?: DestinationStream | "standard error";
}

/** Writes lines of JSON. Secrets, bodies and phone numbers among the fields are hidden. */
export function createLogger({ level, pretty = false, ...options }: LoggerOptions): Logger {
  const { destination: to = destination(1) } = options;
  const out = to === "standard error" ? destination(2) : to;
  const settings = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors come to pino as what scrubbing has left of them.
    serializers: { err: (scrubbed: unknown) => scrubbed },
  };
  return scrubbing(pino(settings, pretty ? prettyStream(out) : out));
}

/** Around pino, because its own redaction knows paths of a fixed depth only. */
function scrubbing(log: Pino): Logger {
  function write(level: Level, fields: object, message: string): void {
    if (log.isLevelEnabled(level)) log[level](scrubFields(fields), scrubText(message));
  }
  return {
    debug: (fields, message) => write("debug", fields, message),
    info: (fields, message) => write("info", fields, message),
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    child: (fields) => scrubbing(log.child(scrubFields(fields))),
  };
}
