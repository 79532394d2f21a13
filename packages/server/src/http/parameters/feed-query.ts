import { z } from "@hono/zod-openapi";
import { CurlewError } from "../../core/errors.ts";
import { isEventSelector, notAType } from "../../core/events/event-types.ts";
import { parseId, publicId } from "../../core/ids.ts";
import { type ChannelKind, isChannelKind } from "../../core/messages/channel-kinds.ts";
import { firstKeptId } from "../../delivery/retention.ts";
import type { FeedFilter } from "../../storage/events/log-filter.ts";
import { idSchema } from "../api.ts";

type ChannelName = { id: string } | { kind: ChannelKind };

const MOST_ENTRIES = 50;

const types = listOf<string>((text) =>
  text !== "*" && isEventSelector(text) ? { ok: text } : { wrong: notAType(text) },
).openapi({
  type: "string",
  description: "Types and prefixes, with commas between them",
  example: "message.received,order.*",
});

const channels = listOf<ChannelName>((text) => {
  const id = parseId("ch", text);
  if (id !== null) return { ok: { id } };
  if (isChannelKind(text)) return { ok: { kind: text } };
  return { wrong: `${JSON.stringify(text)} is neither the id of a channel nor a kind` };
}).openapi({
  type: "string",
  description: "Kinds and ids of channels, with commas between them",
  example: "whatsapp,sms",
});

/** Parameters that narrow the log, wherever it is read. */
export const feedFilters = {
  type: types.optional(),
  channel: channels.optional(),
  account_id: idSchema("acc").optional(),
  conversation_id: idSchema("cnv").optional(),
};

type Filters = { [Name in keyof typeof feedFilters]?: z.output<(typeof feedFilters)[Name]> };

export function filterOf(query: Filters): FeedFilter {
  const channels = query.channel ?? [];
  return {
    types: query.type ?? [],
    channelKinds: channels.flatMap((each) => ("kind" in each ? [each.kind] : [])),
    channelIds: channels.flatMap((each) => ("id" in each ? [each.id] : [])),
    accountId: query.account_id ?? null,
    conversationId: query.conversation_id ?? null,
  };
}

/** Where to read the log from. */
export type Position = { at: "start" } | { at: "now" } | { at: "event"; id: string };

export const positionSchema = z
  .string()
  .transform((text, ctx): Position => {
    if (text === "start" || text === "now") return { at: text };
    const id = parseId("evt", text);
    if (id !== null) return { at: "event", id };
    ctx.addIssue({ code: "custom", message: "is no position: an event's id, start or now" });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    description:
      "An event's id or `next_cursor`, to go on after it; `start` for the oldest that is kept, `now` for what comes",
    example: publicId("evt", "01890a5d-ac96-774b-bcce-b302099a8057"),
  });

/** The id to go on after. Throws `cursor_expired` for a position whose day is gone: never a silent gap. */
export async function idOf(
  position: Position,
  o: { now: number; retentionMs: number; readFloor(): Promise<string | null> },
): Promise<string> {
  const firstKept = firstKeptId(o.now, o.retentionMs);
  if (position.at === "now") return (await o.readFloor()) ?? firstKept;
  if (position.at === "start") return firstKept;
  if (position.id >= firstKept) return position.id;
  throw new CurlewError(
    "cursor_expired",
    "Events after this position are no longer kept. Begin anew with after=start.",
  );
}

function listOf<T>(read: (text: string) => { ok: T } | { wrong: string }) {
  return z.string().transform((text, ctx): T[] => {
    const parts = text.split(",");
    if (parts.length > MOST_ENTRIES) {
      ctx.addIssue({ code: "custom", message: `may hold ${MOST_ENTRIES} entries` });
      return z.NEVER;
    }
    const entries: T[] = [];
    for (const part of parts) {
      const entry = read(part.trim());
      if ("ok" in entry) entries.push(entry.ok);
      else ctx.addIssue({ code: "custom", message: entry.wrong });
    }
    return entries;
  });
}
