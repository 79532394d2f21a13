import { useEffect, useState } from "react";

interface Shown {
  text: string;
  left: number;
  top: number;
  isBelow: boolean;
}

const AFTER_MS = 400;
const EDGE_PX = 8;

/**
 * One tooltip for the whole page: whatever has `data-hint` is explained on hover and focus, and
 * what is cut off is read in full on hover. It repeats what a screen reader is told by a name or a description, and is hidden from it.
 */
export function Hints() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setShown(null);
    };
    const show = (event: Event, afterMs: number) => {
      clearTimeout(timer);
      const { target } = event;
      const element = target instanceof Element ? target.closest("[data-hint]") : null;
      const text = element?.getAttribute("data-hint");
      // What it has opened would lie under it.
      if (!element || !text || isOpen(element)) return setShown(null);
      timer = setTimeout(() => setShown(isOpen(element) ? null : placeOf(element, text)), afterMs);
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType === "mouse") show(event, AFTER_MS);
    };
    const onMove = ({ pointerType, clientX, clientY, target }: PointerEvent) => {
      const isHinted = !(target instanceof Element) || target.closest("[data-hint]") !== null;
      if (pointerType !== "mouse" || isHinted) return;
      hide();
      timer = setTimeout(() => {
        const cut = cutAt(clientX, clientY);
        setShown(cut && placeOf(cut, cut.textContent));
      }, AFTER_MS);
    };
    const onFocus = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(":focus-visible")) show(event, 0);
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    document.addEventListener("pointerover", onOver);
    document.addEventListener("pointermove", onMove);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("focusout", hide);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("keydown", onKey, true);
    return () => {
      hide();
      document.removeEventListener("pointerover", onOver);
      document.removeEventListener("pointermove", onMove);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("keydown", onKey, true);
    };
  }, []);
  if (!shown) return null;
  return (
    <div
      aria-hidden="true"
      ref={(element) => {
        if (!element) return;
        const half = element.offsetWidth / 2;
        const left = Math.min(innerWidth - half - EDGE_PX, Math.max(half + EDGE_PX, shown.left));
        element.style.left = `${left}px`;
      }}
      className="hint pointer-events-none fixed z-60 w-max max-w-72 -translate-x-1/2 rounded-sm px-2 py-1.5 text-2xs wrap-anywhere shadow-2"
      style={
        shown.isBelow
          ? { top: shown.top, left: shown.left }
          : { bottom: innerHeight - shown.top, left: shown.left }
      }
    >
      {shown.text}
    </div>
  );
}

/** The words that stand there and are cut off, be it below the link that covers a row. */
function cutAt(x: number, y: number): Element | null {
  const here = document.elementsFromPoint(x, y);
  const [top] = here;
  if (!top || top.closest("[title]")) return null;
  const row = top.closest(".row-link")?.closest("tr");
  const isCut = (each: Element) =>
    (row?.contains(each) || each.contains(top)) &&
    each.scrollWidth > each.clientWidth &&
    getComputedStyle(each).textOverflow === "ellipsis";
  return here.find(isCut) ?? null;
}

function isOpen(element: Element): boolean {
  return element.getAttribute("aria-expanded") === "true";
}

function placeOf(element: Element, text: string): Shown | null {
  if (!element.isConnected) return null;
  const box = element.getBoundingClientRect();
  const isBelow = box.top < 60;
  return {
    text,
    isBelow,
    left: box.left + box.width / 2,
    top: isBelow ? box.bottom + 6 : box.top - 6,
  };
}
