import { randomBytes } from "node:crypto";

export type SidPrefix = "AC" | "SM" | "MM" | "ME" | "MG" | "PN" | "CM";

/** An id as Twilio writes them: two letters and 32 hexadecimal digits. */
export function newSid(prefix: SidPrefix): string {
  return prefix + randomBytes(16).toString("hex");
}
