import { type ReactNode, useEffect, useRef } from "react";
import { shellWords } from "../words/index.ts";
import { cx } from "./class-names.ts";
import { isFocusFree } from "./focus.ts";

/**
 * Title, one sentence of figures, at most two quiet buttons and one primary. Names the tab too, and
 * takes the focus when the page is come to.
 */
export function PageHead({
  title,
  name = title,
  summary,
  children,
  className,
}: {
  title: ReactNode;
  /** For the browser's tab, where the title is more than text. */
  name?: ReactNode;
  summary?: ReactNode;
  /** The buttons. */
  children?: ReactNode;
  className?: string;
}) {
  return (
    <div
      className={cx(
        "flex min-h-14.5 flex-none flex-wrap items-center gap-x-2 gap-y-1 px-6 py-2 phone:px-4",
        className,
      )}
    >
      <PageTitle name={name}>{title}</PageTitle>
      {summary !== undefined && (
        <p className="ml-1.5 min-w-0 flex-1 basis-48 text-fg-3 phone:order-last phone:ml-0 phone:basis-full">
          {summary}
        </p>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
    </div>
  );
}

/** The one h1 of a page. */
export function PageTitle({ name, children }: { name?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const title = typeof name === "string" ? name : typeof children === "string" ? children : "";
  useEffect(() => {
    if (title !== "") document.title = `${title} · ${shellWords.product}`;
  }, [title]);
  useEffect(() => {
    // A dialog or a field that asked for the focus keeps it.
    if (isFocusFree() || document.activeElement?.tagName === "A")
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1
      ref={heading}
      tabIndex={-1}
      className="min-w-0 text-xl font-strong tracking-tight wrap-anywhere"
    >
      {children}
    </h1>
  );
}
