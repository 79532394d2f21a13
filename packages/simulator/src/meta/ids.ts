import { randomBytes, randomInt } from "node:crypto";

/**
 * A message id built like Meta's own: base64 of a small record that holds the user's number and
 * random hexadecimal digits. It contains `/`, `+` and `=`, as the real ones do.
 */
export function newMessageId(userDigits: string, direction: "inbound" | "outbound"): string {
  const digits = Buffer.from(userDigits.slice(0, 60), "ascii");
  const hex = randomBytes(direction === "inbound" ? 10 : 9)
    .toString("hex")
    .toUpperCase();
  const record = Buffer.concat([
    Buffer.from([0x1c, 0x18, digits.length]),
    digits,
    Buffer.from([0x15, 0x02, 0x00, direction === "inbound" ? 0x12 : 0x11, 0x18, hex.length]),
    Buffer.from(hex, "ascii"),
    Buffer.from([0]),
  ]);
  return `wamid.${record.toString("base64")}`;
}

/** A numeric object id of 15 or 16 digits, as text: past 2^53 it would not survive as a number. */
export function newObjectId(): string {
  return `${randomInt(1, 10_000_000)}${String(randomInt(0, 1_000_000_000)).padStart(9, "0")}`;
}

export function newTraceId(): string {
  return `A${randomBytes(16).toString("base64url")}`;
}

export function newConversationId(): string {
  return randomBytes(16).toString("hex");
}

/** The digits of an address, for use inside a message id. */
export function digitsOf(address: string): string {
  return address.replace(/\D/g, "");
}
