import { X } from "lucide-react";
import type { ReactNode } from "react";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { Button, IconButton } from "../controls/button.tsx";
import { clearSelection, remember, useMemory } from "./list-memory.ts";

/** Floats above the foot while something is selected: how many, what they share, what can be done. */
export function BulkBar({
  list,
  shared,
  matching = null,
  children,
}: {
  /** The name of the list. */
  list: string;
  /** What the selected rows have in common: `HubSpot bridge`. */
  shared?: ReactNode;
  /** How many the filter holds in all, where it is known. */
  matching?: number | null;
  /** The acts, the primary first. */
  children: ReactNode;
}) {
  const { selection } = useMemory(list);
  if (selection.kind === "rows" && selection.ids.size === 0) return null;
  const isAll = selection.kind === "all";
  return (
    <div
      role="toolbar"
      aria-label={partWords.bulk.selected(isAll ? "" : number(selection.ids.size))}
      className="absolute bottom-11.5 left-1/2 z-10 flex min-h-11 max-w-[calc(100%-24px)] -translate-x-1/2 flex-wrap items-center gap-2 rounded-[10px] bg-surface-raised py-1.5 pr-2 pl-3.5 shadow-3 phone:bottom-3"
    >
      <span aria-live="polite" className="whitespace-nowrap">
        {isAll
          ? partWords.bulk.allThatMatch(matching === null ? "" : number(matching))
          : partWords.bulk.selected(number(selection.ids.size))}
      </span>
      {shared !== undefined && <span className="text-fg-3">{shared}</span>}
      <span className="h-4.5 w-px flex-none bg-border" />
      {children}
      {!isAll && matching !== null && matching > selection.ids.size && (
        <Button kind="quiet" onClick={() => remember(list, { selection: { kind: "all" } })}>
          {partWords.bulk.selectAll(number(matching))}
        </Button>
      )}
      <IconButton icon={X} label={partWords.bulk.clear} onClick={() => clearSelection(list)} />
    </div>
  );
}
