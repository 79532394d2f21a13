import type { Config } from "../config/config.ts";

/** Why it did not start, for the operator: words where we know what to do, else everything we know. */
export function inWords(error: unknown, { host, port }: Pick<Config, "host" | "port">): string {
  if (!(error instanceof Error)) return String(error);
  if (isStartError(error)) return error.message;
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host} is taken. Stop what listens there, or choose another with CURLEW_PORT.`;
  }
  if (code === "EACCES" && "syscall" in error && error.syscall === "listen") {
    return `Port ${port} may not be opened by this user. Choose one above 1023 with CURLEW_PORT.`;
  }
  if (code === "EADDRNOTAVAIL" || (code === "ENOTFOUND" && "syscall" in error)) {
    return `This machine has no address ${host}. Check CURLEW_HOST.`;
  }
  return onNoSpace(error) ?? error.stack ?? error.message;
}

/** What to do about a disk that has no more room, ours or the database's; null for everything else. */
export function onNoSpace(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const file = "dest" in error ? error.dest : "path" in error ? error.path : undefined;
    return `The disk has no more room${typeof file === "string" ? ` for ${file}` : ""}. Make some, and do this again.`;
  }
  if (code === "53100") {
    return `The database's disk has no more room (${error.message}). Make some there, and do this again.`;
  }
  return onNoSpace(error.cause);
}

/** What a command ends with that could not do its work, and one that was typed in a way that makes no sense. */
export const EXIT = { failed: 1, wrongUse: 2 } as const;

/** A command that was typed in a way that makes no sense. */
export class WrongUse extends Error {}

/** An error whose message is for the operator, and whose stack is not. */
export function isStartError(error: unknown): boolean {
  return error instanceof Error && (error.name === "StartError" || error instanceof WrongUse);
}
