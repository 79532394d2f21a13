import { Component, type ReactNode, Suspense, useLayoutEffect, useRef } from "react";
import { Refused } from "../../api/problem.ts";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";
import { toastRefusal } from "../toasts/toasts.ts";
import { PartMissing } from "./fetched.ts";

/**
 * A dialog that is fetched when it is wanted first. It is modal from the press on: until it is here no key and no press
 * goes to the page below, and Esc gives it up. One that cannot be fetched says so.
 */
export function Late({ onLeave, children }: { onLeave(): void; children: ReactNode }) {
  return (
    <Unfetched onLeave={onLeave}>
      <Suspense fallback={<Hold onLeave={onLeave} isDim />}>{children}</Suspense>
    </Unfetched>
  );
}

const HELD = ["keydown", "keyup", "pointerdown", "mousedown", "click", "paste", "drop"] as const;

/** Keeps the page still. The focus stays where it was: what comes gives it back to there. */
export function Hold({ onLeave, isDim = false }: { onLeave(): void; isDim?: boolean }) {
  const leave = useRef(onLeave);
  leave.current = onLeave;
  useLayoutEffect(() => {
    const hold = (event: Event) => {
      event.stopImmediatePropagation();
      const isKey = event instanceof KeyboardEvent;
      // The browser's own keys stay its own.
      if (!(isKey && (event.metaKey || event.ctrlKey))) event.preventDefault();
      if (isKey && event.type === "keydown" && event.key === "Escape") leave.current();
    };
    for (const type of HELD) window.addEventListener(type, hold, { capture: true });
    return () => {
      for (const type of HELD) window.removeEventListener(type, hold, { capture: true });
    };
  }, []);
  return (
    <div aria-busy className={cx("late fixed inset-0 z-30 cursor-progress", isDim && "bg-scrim")} />
  );
}

/**
 * Leaves the page as it is where a part of it cannot be fetched, and tells so; or shows something in its place, from
 * where it can be tried again.
 */
export class Unfetched extends Component<{
  onLeave?(): void;
  instead?(again: () => void): ReactNode;
  children: ReactNode;
}> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidCatch(error: unknown) {
    if (!(error instanceof PartMissing)) return;
    error.forget();
    if (this.props.instead) return;
    const { title, text, act } = partWords.late;
    toastRefusal(title, new Refused({ status: 0, code: "unreachable", detail: text }), {
      label: act,
      run: () => location.reload(),
    });
    this.props.onLeave?.();
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (!(error instanceof PartMissing)) throw error;
    return this.props.instead?.(() => this.setState({ error: null })) ?? null;
  }
}
