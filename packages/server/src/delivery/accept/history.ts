import { messageObject } from "../../core/events/envelope.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { parseId } from "../../core/ids.ts";
import { type HistoryWish, readHistories } from "../../storage/conversations/histories.ts";
import type { NewEvent } from "../../storage/events/events.ts";
import type { WorkspaceView } from "../directory/directory.ts";

/** What a history may have as JSON: the oldest messages give way. */
const MOST_CHARACTERS = 200_000;

/**
 * Freezes with each event the conversation's messages before it, where an endpoint that it must reach
 * asks for them. Costs nothing where none does. Messages whose body was purged are left out.
 */
export async function freezeHistories(
  tx: Queryable,
  events: readonly NewEvent[],
  views: ReadonlyMap<string, WorkspaceView>,
): Promise<void> {
  const wanted: { event: NewEvent; wish: HistoryWish }[] = [];
  for (const event of events) {
    const most = mostAsked(event, views.get(event.workspaceId));
    if (most === 0 || event.conversationId === null) continue;
    const before = ownMessage(event) ?? event.id;
    wanted.push({ event, wish: { conversationId: event.conversationId, before, most } });
  }
  if (wanted.length === 0) return;
  const histories = await readHistories(
    tx,
    wanted.map(({ wish }) => wish),
  );
  wanted.forEach(({ event }, i) => {
    const messages = (histories[i] ?? []).map((row) => messageObject(row, null));
    event.history = textOf(messages.filter(({ content }) => content.type !== "purged"));
  });
}

function mostAsked({ targets }: NewEvent, view: WorkspaceView | undefined): number {
  if (!view?.remembers) return 0;
  const asked = targets.map((serial) => {
    const most = view.endpoints.get(serial)?.speech.options["history_messages"];
    return typeof most === "number" ? most : 0;
  });
  return Math.max(0, ...asked);
}

/** The message that the event tells of: its history is what was said before that. */
function ownMessage({ payload }: NewEvent): string | null {
  // Our own body; what a publisher put into `data` may be anything.
  const { data } = JSON.parse(payload) as { data: { message?: unknown; first_message?: unknown } };
  const message: { id?: unknown } = Object(data.message ?? data.first_message ?? {});
  return typeof message.id === "string" ? parseId("msg", message.id) : null;
}

function textOf(messages: readonly object[]): string {
  const texts = messages.map((message) => JSON.stringify(message));
  let length = 0;
  let from = texts.length;
  while (from > 0 && length + (texts[from - 1]?.length ?? 0) <= MOST_CHARACTERS) {
    from--;
    length += texts[from]?.length ?? 0;
  }
  return JSON.stringify(messages.slice(from));
}
