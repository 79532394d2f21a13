import { type RefObject, useEffect, useState } from "react";

/** How wide an element is, and how high a row in it, in px; kept up to date. */
export function useMeasured(element: RefObject<HTMLElement | null>): {
  width: number;
  rowPx: number;
} {
  const [measured, setMeasured] = useState({ width: 0, rowPx: 36 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the element comes and goes with the rows
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const look = () => {
      const px = Number.parseFloat(getComputedStyle(current).getPropertyValue("--row"));
      const next = { width: current.clientWidth, rowPx: Number.isNaN(px) ? 36 : px };
      setMeasured((was) => (was.width === next.width && was.rowPx === next.rowPx ? was : next));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element.current]);
  return measured;
}
