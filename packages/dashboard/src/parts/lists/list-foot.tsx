import type { List } from "../../api/list.ts";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";

interface KeyHint {
  keys: readonly string[];
  does: string;
}

const EVERY_LIST: readonly KeyHint[] = [
  { keys: ["J", "K"], does: partWords.table.move },
  { keys: ["↵"], does: partWords.table.open },
];

/** The keys that work in this list, and how much of it is here. Hidden on touch. */
export function ListFoot({
  list: { rows, offset, hasMore, isLoading, error },
  more = [],
  total = null,
}: {
  list: Pick<List<unknown>, "rows" | "offset" | "hasMore" | "isLoading" | "error">;
  /** Keys beyond those of every list. */
  more?: readonly KeyHint[];
  /** How many there are in all, where the server says so. */
  total?: number | null;
}) {
  const loaded = offset + rows.length;
  return (
    <div className="flex h-8.5 flex-none items-center gap-3.5 border-t border-border bg-surface px-6 text-2xs text-fg-3 phone:hidden touch:hidden">
      {[...EVERY_LIST, ...more].map(({ keys: caps, does }) => (
        <span key={does} className="flex items-center gap-1.25">
          {caps.map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
          {does}
        </span>
      ))}
      <span className="tnum ml-auto">
        {isLoading || error !== null
          ? null
          : hasMore || (total !== null && total !== loaded)
            ? partWords.table.loaded(number(loaded), total === null ? null : number(total))
            : partWords.table.allLoaded(number(loaded))}
      </span>
    </div>
  );
}
