import { useRef, useState } from "react";
import type { List } from "../../api/list.ts";
import { useLive } from "../../live/use-live.ts";
import { memoryOf } from "../../parts/lists/list-memory.ts";

const AT_MOST_EVERY_MS = 2_000;

/**
 * Nothing moves under the hand: what is new is counted, and comes in by itself only while the list
 * stands at its top, nothing is selected or open, and the pointer is away. Answers the count, and
 * what shows it.
 */
export function useFresh(
  list: List<unknown>,
  o: { isOpen: boolean; enabled?: boolean },
): { fresh: number; show(): void; hover: { onPointerEnter(): void; onPointerLeave(): void } } {
  const [fresh, setFresh] = useState(0);
  const isNear = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = () => {
    setFresh(0);
    list.reload();
  };
  const note = () => {
    if (o.enabled === false) return;
    setFresh((count) => count + 1);
    if (timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const { scrollTop, selection } = memoryOf(list.name);
      const isFree = selection.kind === "rows" && selection.ids.size === 0;
      if (isFree && scrollTop < 10 && !isNear.current && !o.isOpen && list.rows.length <= 100)
        show();
    }, AT_MOST_EVERY_MS);
  };
  useLive(note, show);
  return {
    fresh,
    show,
    hover: {
      onPointerEnter: () => {
        isNear.current = true;
      },
      onPointerLeave: () => {
        isNear.current = false;
      },
    },
  };
}
