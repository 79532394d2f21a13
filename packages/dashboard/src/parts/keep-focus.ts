import { hasFocus, KEPT } from "./focus.ts";

const PLACES = "section, aside, form, [role=dialog], main";
const LAYERS = "[role=dialog], [role=alertdialog], [role=menu]";

/**
 * What has the focus may vanish: a button whose act is done, a row that has gone, what opened a dialog. Then nothing
 * would have it, and the next Tab begin at the top of the page: it goes to the heading of the place where that was.
 */
export function keepFocus(): () => void {
  let last: readonly Element[] = [];
  /** The last that lay in no dialog and no menu: those go as a whole. */
  let below: readonly Element[] = [];
  let frame = 0;
  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return;
    last = withAncestors(target);
    if (target.closest(LAYERS) === null) below = last;
  };
  const look = () => {
    const [gone] = last;
    if (gone === undefined || gone.isConnected || hasFocus()) return;
    (headingNear(last) ?? headingNear(below))?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(() => {
    if (last[0]?.isConnected !== false || hasFocus()) return;
    cancelAnimationFrame(frame);
    // Whoever opened a dialog, and a page that is come to, take it themselves: they go first.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(look);
    });
  });
  document.addEventListener("focusin", onFocus);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", onFocus);
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

function withAncestors(element: Element): Element[] {
  const above = element.parentElement;
  return above === null ? [element] : [element, ...withAncestors(above)];
}

function headingNear(path: readonly Element[]): HTMLElement | null {
  const place = path.find((each) => each.isConnected)?.closest(PLACES);
  const found = place?.querySelector("h1, h2, h3") ?? place;
  if (!(found instanceof HTMLElement)) return null;
  if (!found.hasAttribute("tabindex")) found.tabIndex = -1;
  found.dataset[KEPT] = "";
  found.addEventListener("blur", () => delete found.dataset[KEPT], { once: true });
  return found;
}
