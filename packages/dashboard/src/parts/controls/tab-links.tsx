import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { partWords } from "../../words/index.ts";

export interface TabLink {
  id: string;
  label: string;
  link: LinkProps;
  /** Something there waits for a person. */
  isMarked?: boolean;
}

/** The parts of a page: each has its address. What leads elsewhere stands behind them. */
export function TabLinks({
  label,
  chosen,
  tabs,
  children,
}: {
  label: string;
  chosen: string;
  tabs: readonly TabLink[];
  children?: ReactNode;
}) {
  return (
    <nav
      aria-label={label}
      className="flex flex-none gap-5 overflow-x-auto border-b border-border px-6 whitespace-nowrap phone:px-4 [&_a]:relative [&_a]:flex [&_a]:h-9 [&_a]:items-center [&_a]:gap-1.5 [&_a]:font-medium [&_a]:text-fg-3 [&_a]:-outline-offset-2 [&_a:hover]:text-fg"
    >
      {tabs.map(({ id, label: name, link, isMarked }) => (
        <Link
          key={id}
          {...link}
          replace
          // The first tab's address is the beginning of every other's.
          activeOptions={{ exact: true }}
          aria-current={id === chosen ? "page" : undefined}
          className="aria-[current=page]:text-fg! aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-0 aria-[current=page]:after:-bottom-px aria-[current=page]:after:h-0.5 aria-[current=page]:after:bg-fg"
        >
          {name}
          {isMarked === true && (
            <>
              <span className="sr-only">, {partWords.waits}</span>
              <span className="size-1.5 rounded-full bg-accent-solid" />
            </>
          )}
        </Link>
      ))}
      {children}
    </nav>
  );
}
