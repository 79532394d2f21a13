import type { ReactNode } from "react";
import { cx } from "../class-names.ts";

export interface Figure {
  label: string;
  value: ReactNode;
  /** One short fact that gives the value its meaning. */
  context?: ReactNode;
  /** A value that needs a person is coloured. */
  tone?: "retrying" | "dead";
}

/** Figures between two lines, not in cards. */
export function Strip({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className="grid flex-none grid-cols-[repeat(auto-fit,minmax(152px,1fr))] border-y border-border">
      {figures.map(({ label, value, context, tone }) => (
        <div
          key={label}
          className="min-w-0 px-4 py-3 shadow-[-1px_0_0_var(--border)] first:pl-6 last:pr-6 phone:first:pl-4"
        >
          <dt className="truncate text-2xs font-medium text-fg-3">{label}</dt>
          <dd className="mt-0.75 flex items-end gap-x-2 phone:flex-wrap">
            <b
              className={cx(
                "tnum text-[19px]/6 font-[560] tracking-[-.018em] whitespace-nowrap",
                tone === "retrying" && "text-retrying",
                tone === "dead" && "text-dead",
              )}
            >
              {value}
            </b>
            {context !== undefined && (
              <small className="tnum min-w-0 truncate text-2xs/4.5 text-fg-3">{context}</small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
