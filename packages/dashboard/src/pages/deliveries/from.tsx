import { Channel, ChannelTile, isChannelKind } from "../../parts/values/channel.tsx";
import { partWords } from "../../words/index.ts";

/** Whom an event is from: the channel's tile and the person's name. */
export function From({
  from,
  tileOnly = false,
}: {
  from: { channel_kind: string | null; name: string | null } | null;
  tileOnly?: boolean;
}) {
  if (from === null || from.channel_kind === null || !isChannelKind(from.channel_kind))
    return <span className="text-fg-3">{from?.name ?? partWords.none}</span>;
  if (tileOnly) return <ChannelTile kind={from.channel_kind} size={15} />;
  return (
    <Channel kind={from.channel_kind}>{from.name ?? partWords.channels[from.channel_kind]}</Channel>
  );
}
