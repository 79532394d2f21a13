import type { ReactNode } from "react";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { day, moment } from "../../words/format.ts";
import { inboxWords, partWords } from "../../words/index.ts";
import { now, useTicking } from "../../words/ticking.ts";
import { addressOf } from "./person/person.ts";
import type { Conversation, Message } from "./queries.ts";
import { hasWindow, type Way, wayOf } from "./window.ts";

const words = inboxWords;

/** A line with the day, and the channel on the first one, where another day begins. */
export function DayLine({
  before,
  message,
  of: { channel, contact },
  children,
}: {
  before: Message | undefined;
  message: Message;
  of: Conversation;
  children: ReactNode;
}) {
  const at = Date.parse(message.created_at);
  const isNew =
    before === undefined ||
    new Date(at).toDateString() !== new Date(Date.parse(before.created_at)).toDateString();
  if (!isNew) return children;
  const where = `${partWords.channels[channel.kind]} ${addressOf(contact, channel.kind)}`;
  return (
    <>
      <Divider>
        {before === undefined && <ChannelTile kind={channel.kind} size={15} />}
        {before === undefined ? `${where}, ${day(at, now())}` : day(at, now())}
      </Divider>
      {children}
    </>
  );
}

function Divider({ children }: { children: ReactNode }) {
  return (
    <li className="mt-2 mb-0.5 flex items-center gap-2 text-2xs text-fg-3 before:h-px before:flex-1 before:bg-border-subtle after:h-px after:flex-1 after:bg-border-subtle">
      {children}
    </li>
  );
}

/** Where free text ended, once it has. */
export function WindowLine({ conversation }: { conversation: Conversation }) {
  const { channel, window } = conversation;
  const way = useTicking((at) => wayOf(conversation, at)) as Way;
  if (conversation.blocked_by !== null) return null;
  if (!hasWindow(channel.kind) || way === "free" || window.free_form_until === null) return null;
  const until = moment(Date.parse(window.free_form_until), now());
  return <Divider>{words.window.dividerOver(until)}</Divider>;
}
