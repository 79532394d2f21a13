import { randomBytes, randomInt } from "node:crypto";

/** Messenger's `m_…`, or the long base64 of an Instagram message. */
export function newMid(kind: "page" | "instagram"): string {
  const random = randomBytes(48).toString("base64url");
  if (kind === "page") return `m_${random}`;
  const record = `ig_dm:1:IGMessageID:${randomInt(1e12, 9e12)}:${random.slice(0, 24)}`;
  return `aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEO${Buffer.from(record).toString("base64url")}`;
}
