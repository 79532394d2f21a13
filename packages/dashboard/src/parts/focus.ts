/** Marks what was given the focus because nothing else had it. */
export const KEPT = "keptFocus";

/** Whether nothing has asked for the focus: a page that is come to may take it. */
export function isFocusFree(): boolean {
  const focused = document.activeElement;
  return !hasFocus() || (focused instanceof HTMLElement && focused.dataset[KEPT] !== undefined);
}

export function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}
