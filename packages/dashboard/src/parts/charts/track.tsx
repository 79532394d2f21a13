import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";
import type { ShownState } from "../values/state.tsx";

/** One tick for each request that the schedule allows: tall accepted, short failed, ring next, dot to come. */
export function Track({
  state,
  made,
  most,
}: {
  state: ShownState;
  /** Requests made so far. */
  made: number;
  /** Requests that the schedule allows in all. */
  most: number;
}) {
  const ticks = Array.from({ length: Math.max(most, made) }, (_, n) => tickOf(n, state, made));
  return (
    <span
      role="img"
      aria-label={partWords.attempts(made, Math.max(most, made))}
      className="inline-flex h-3.5 items-end gap-0.5 align-[-2px]"
    >
      {ticks.map((tick, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tick is its place
        <i key={n} className={cx("w-1 rounded-[1px]", TICKS[tick])} />
      ))}
    </span>
  );
}

type Tick = "accepted" | "failed" | "next" | "toCome";

function tickOf(n: number, state: ShownState, made: number): Tick {
  if (n < made) return state === "delivered" && n === made - 1 ? "accepted" : "failed";
  const goesOn = state === "pending" || state === "retrying";
  return n === made && goesOn ? "next" : "toCome";
}

const TICKS: Record<Tick, string> = {
  accepted: "h-3.5 bg-delivered-solid",
  failed: "h-2 bg-dead-solid",
  next: "h-2 inset-ring-[1.25px] inset-ring-retrying",
  toCome: "h-0.75 bg-border-strong",
};
