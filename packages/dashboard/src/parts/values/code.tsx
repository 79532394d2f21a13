import type { ReactNode } from "react";
import { cx } from "../class-names.ts";
import { CopyButton } from "./copy.tsx";

/** The frame of bytes that were on the wire, or will be: title, what can be done with it, copy. */
export function CodeFrame({
  title,
  note,
  raw,
  what,
  tools,
  flat = false,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  /** What is copied: the bytes themselves, never what was made of them to be read. */
  raw: string;
  /** What it is, for the copy button's name: `the body`. */
  what: string;
  tools?: ReactNode;
  /** Within a sunken region: no frame of its own. */
  flat?: boolean;
  children: ReactNode;
}) {
  return (
    <div
      className={cx(
        "min-w-0 overflow-hidden bg-surface-sunken [--cut:var(--surface-sunken)]",
        flat ? "border-b border-border-subtle" : "rounded-md border border-border",
      )}
    >
      <div
        className={cx(
          "flex min-h-7.5 items-center gap-2 pr-1 text-xs font-medium text-fg-2",
          flat ? "pr-3 pl-(--gutter)" : "border-b border-border-subtle pl-3",
        )}
      >
        <span className="flex min-w-0 items-baseline gap-2 truncate text-fg">
          {title}
          {note !== undefined && <span className="truncate font-normal text-fg-3">{note}</span>}
        </span>
        <span className="ml-auto flex flex-none items-center gap-1">
          {tools}
          <CopyButton text={raw} what={what} />
        </span>
      </div>
      {children}
    </div>
  );
}

/** A header, in the order in which it goes out. */
export interface Header {
  name: string;
  value: string;
  /** The line that matters is tinted; a word at the right says why. */
  mark?: string;
  /** A quiet word at the right. */
  aside?: string;
}

/** Request line or status, and headers, as they are on the wire. */
export function Headers({ first, headers }: { first?: ReactNode; headers: readonly Header[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
    <pre className="overflow-x-auto py-2 text-xs/4.5 -outline-offset-2" tabIndex={0}>
      {first !== undefined && (
        <span className="code-line" data-plain>
          {first}
        </span>
      )}
      {headers.map(({ name, value, mark, aside }, n) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may stand twice
          key={`${name}-${n}`}
          className="code-line flex items-baseline pr-(--gutter)!"
          data-plain
          data-marked={mark === undefined ? undefined : true}
        >
          <span className="truncate" title={value}>
            <span className="text-code-key">{name}</span>
            <span className="text-code-punct">: </span>
            {value}
          </span>
          {(mark ?? aside) !== undefined && (
            <span
              className={cx(
                "ml-auto flex-none pl-3 font-sans text-2xs tracking-normal",
                mark === undefined ? "text-fg-3" : "text-accent",
              )}
            >
              {mark ?? aside}
            </span>
          )}
        </span>
      ))}
    </pre>
  );
}

/** Any text as it is, numbered. */
export function PlainCode({
  text,
  numbered = true,
  wrap = false,
}: {
  text: string;
  numbered?: boolean;
  wrap?: boolean;
}) {
  return (
    <pre
      className={cx("overflow-x-auto py-2 text-xs/4.5 -outline-offset-2", wrap && "code-wrap")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
      tabIndex={0}
    >
      {text.split("\n").map((line, n) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          key={n}
          className="code-line"
          {...(numbered ? { "data-n": n + 1 } : { "data-plain": true })}
        >
          {line === "" ? "\u00a0" : line}
        </span>
      ))}
    </pre>
  );
}
