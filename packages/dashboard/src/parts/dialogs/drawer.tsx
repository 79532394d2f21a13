import { Link, type LinkProps } from "@tanstack/react-router";
import { ChevronDown, ChevronUp, Maximize2, X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { partWords } from "../../words/index.ts";
import { useActs } from "../acts.ts";
import { cx } from "../class-names.ts";
import { buttonClass, IconButton } from "../controls/button.tsx";

/** A list with a drawer: beside it from 1,200 px on, over it below, a page of its own on a phone. */
export function Split({ drawer, children }: { drawer: ReactNode; children: ReactNode }) {
  return (
    <div
      className={cx(
        "relative grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)]",
        drawer != null && drawer !== false && "wide:grid-cols-[minmax(0,1fr)_var(--drawer)]",
      )}
    >
      <div className="relative flex min-h-0 min-w-0 flex-col">{children}</div>
      {drawer}
    </div>
  );
}

/**
 * One object beside its list. Not modal: J and K walk on, and it follows. The focus goes to its
 * heading when it opens; Esc closes it and gives the focus back to the row.
 */
export function Drawer({
  label,
  heading,
  verdict,
  acts,
  page,
  onClose,
  onStep,
  children,
}: {
  label: string;
  heading: ReactNode;
  /** One sentence: what is so. */
  verdict?: ReactNode;
  acts?: ReactNode;
  /** Where the same stands as a page. */
  page?: LinkProps;
  onClose(): void;
  /** To the row before or after. */
  onStep?(by: 1 | -1): void;
  children: ReactNode;
}) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected)
        before.focus({ preventScroll: true });
    };
  }, []);
  useActs([{ key: "Escape", does: partWords.drawer.close, isQuiet: true, run: onClose }]);
  return (
    <aside
      aria-label={label}
      className="absolute inset-y-0 right-0 z-20 flex min-h-0 w-(--drawer) max-w-full flex-col overflow-hidden border-l border-border bg-surface shadow-3 wide:static wide:shadow-none phone:w-full phone:border-l-0 phone:shadow-none"
    >
      <div className="flex-none px-(--gutter) pt-3.5 pb-3">
        <div className="flex items-center gap-2">
          <h2
            ref={head}
            tabIndex={-1}
            data-quiet-focus
            className="flex min-w-0 flex-1 items-center gap-2.5 truncate font-medium"
          >
            {typeof heading === "string" ? <span className="truncate">{heading}</span> : heading}
          </h2>
          {onStep && (
            <>
              <IconButton
                icon={ChevronUp}
                label={partWords.drawer.previous}
                onClick={() => onStep(-1)}
              />
              <IconButton
                icon={ChevronDown}
                label={partWords.drawer.next}
                onClick={() => onStep(1)}
              />
            </>
          )}
          {page && (
            <Link
              {...page}
              aria-label={partWords.drawer.page}
              title={partWords.drawer.page}
              className={cx(
                buttonClass("quiet"),
                "w-(--control) justify-center px-0! phone:hidden",
              )}
            >
              <Maximize2 size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
            </Link>
          )}
          <IconButton icon={X} label={partWords.drawer.close} onClick={onClose} />
        </div>
        {verdict !== undefined && (
          <p className="mt-2.5 text-md text-fg-2 [&_b]:text-fg">{verdict}</p>
        )}
        {acts !== undefined && <div className="mt-3 flex flex-wrap items-center gap-2">{acts}</div>}
      </div>
      <div className="min-h-0 flex-1 overflow-auto">{children}</div>
    </aside>
  );
}

/** A part of a drawer or a page, under a quiet heading. */
export function Section({
  title,
  note,
  end,
  children,
  className,
}: {
  title?: ReactNode;
  /** Beside the title, quieter. */
  note?: ReactNode;
  end?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={cx("border-t border-border-subtle px-(--gutter) py-3.5", className)}>
      {title !== undefined && (
        <h3 className="mb-2.5 flex items-center gap-2 text-xs font-medium text-fg-2">
          {title}
          {note !== undefined && <span className="font-normal text-fg-3">{note}</span>}
          {end !== undefined && <span className="ml-auto font-normal text-fg-3">{end}</span>}
        </h3>
      )}
      {children}
    </section>
  );
}
