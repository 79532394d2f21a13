import type { ReactNode } from "react";
import { cx } from "../class-names.ts";

/** Names and values; a value that is null is left out. */
export function Properties({
  items,
  columns = 1,
}: {
  items: readonly (readonly [name: string, value: ReactNode] | null)[];
  columns?: 1 | 2;
}) {
  return (
    <dl
      className={cx(
        "grid gap-x-3 gap-y-1",
        columns === 2
          ? "grid-cols-[72px_minmax(0,1fr)_64px_minmax(0,1.1fr)] phone:grid-cols-[96px_minmax(0,1fr)]"
          : "grid-cols-[108px_minmax(0,1fr)]",
      )}
    >
      {items.map(
        (item) =>
          item && (
            <div key={item[0]} className="contents">
              <dt className="text-fg-3">{item[0]}</dt>
              <dd className="min-w-0 truncate">{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
