import { type ChannelKind, ChannelTile } from "../../../parts/values/channel.tsx";
import { discOf } from "./person.ts";

/** The letters of a person; where a kind is given, its tile on the edge. */
export function Disc({ name, kind }: { name: string; kind?: ChannelKind }) {
  return (
    <span className="relative grid size-7.5 flex-none place-items-center rounded-full bg-surface-active text-2xs font-strong text-fg-2">
      <span aria-hidden>{discOf(name)}</span>
      {kind !== undefined && (
        <span className="absolute -right-1.5 -bottom-1.5 flex rounded-[5px] shadow-[0_0_0_2px_var(--surface)]">
          <ChannelTile kind={kind} size={15} />
        </span>
      )}
    </span>
  );
}
