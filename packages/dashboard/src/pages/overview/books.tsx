import { Link } from "@tanstack/react-router";
import type { Shape } from "../../api/client.ts";
import type { Range } from "../../api/series.ts";
import { Glyph, type ShownState, State } from "../../parts/values/state.tsx";
import { clock, number, percent } from "../../words/format.ts";
import { overviewWords, partWords } from "../../words/index.ts";

const words = overviewWords;
const SOLID: Record<string, string> = {
  delivered: "bg-delivered-solid",
  pending: "bg-pending-solid",
  retrying: "bg-retrying-solid",
  dead: "bg-dead-solid",
  cancelled: "bg-cancelled-solid",
};

/** The books: all that was to be delivered is the sum of what became of it, from one snapshot. */
export function Books({
  totals: { targeted, delivered, pending, retrying, dead, cancelled },
  range,
  at,
}: {
  totals: Shape<"Series">["totals"];
  range: Range;
  /** When it was read, ms. */
  at: number;
}) {
  const parts: [ShownState, number][] = [
    ["delivered", delivered],
    ["pending", pending - retrying],
    ["retrying", retrying],
    ["dead", dead],
    ["cancelled", cancelled],
  ];
  const missing = targeted - parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-label={words.bar} className="px-6 pb-4.5 phone:px-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <p className="tnum text-2xl font-strong tracking-[-.022em] phone:text-xl">
          {words.headline(number(targeted))}{" "}
          <span className="font-[440] text-fg-3">
            {partWords.chart.within[range]},{" "}
            {missing === 0 ? (
              words.balanced
            ) : (
              <span className="text-dead">{words.unbalanced(number(missing))}</span>
            )}
          </span>
        </p>
        {missing === 0 && (
          <span className="ml-auto flex items-center gap-1.5 text-xs text-fg-3">
            {words.balancedAt(clock(at))}
            <span className="text-delivered">
              <Glyph of="delivered" />
            </span>
          </span>
        )}
      </div>
      <div aria-hidden className="mt-3.5 mb-3 flex h-3 gap-0.5">
        {targeted === 0 && <i className="flex-1 rounded-[2px] bg-surface-active" />}
        {parts.map(
          ([state, count]) =>
            count > 0 && (
              <i
                key={state}
                className={`min-w-1 rounded-[2px] ${SOLID[state]}`}
                style={{ flex: count }}
              />
            ),
        )}
      </div>
      <ul className="grid grid-cols-[1.55fr_repeat(4,1fr)] gap-y-3 phone:grid-cols-2">
        {parts.map(([state, count]) => (
          <li
            key={state}
            className="border-l border-border-subtle pl-3.5 first:border-0 first:pl-0 phone:border-0 phone:pl-0"
          >
            <Link
              to="/deliveries"
              search={{ state: state === "retrying" ? "pending" : state } as never}
              className="block"
            >
              <State of={state} isNone={count === 0} />
              <b className="tnum block text-lg/5.5 tracking-[-.01em]">
                {number(count)}
                {targeted > 0 && count > 0 && (
                  <small className="ml-1.25 text-2xs font-normal text-fg-3">
                    {percent(count / targeted, 2)}
                  </small>
                )}
              </b>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
