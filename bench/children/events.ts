import { randomBytes } from "node:crypto";

/** So many characters that no compression makes fewer and no JSON makes more. */
export function textOf(length: number): string {
  return randomBytes(length).toString("base64url").slice(0, length);
}

/** The type of the events of one group; each endpoint asks for the events of one group. */
export function typeOfGroup(group: number): string {
  return `bench.group_${group}`;
}

/** The body of a request that publishes one event, exactly so many bytes long. */
export function eventOf(o: { group: number; conversation: string | null; bytes: number }): string {
  const body = (text: string) =>
    JSON.stringify({
      type: typeOfGroup(o.group),
      ...(o.conversation === null ? {} : { conversation_id: o.conversation }),
      data: { text },
    });
  return body(textOf(o.bytes - body("").length));
}
