import type { ReactNode } from "react";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";

/** What a person sees of a delivery; the API's states are pending, delivered, dead and cancelled. */
export type ShownState = keyof typeof partWords.states;

/** `retrying` is pending after an attempt, `paused` is pending at an endpoint that is paused. */
export function shownState(
  { state, attempts }: { state: "pending" | "delivered" | "dead" | "cancelled"; attempts: number },
  isEndpointPaused = false,
): ShownState {
  if (state !== "pending") return state;
  if (isEndpointPaused) return "paused";
  return attempts > 0 ? "retrying" : "pending";
}

const TEXT: Record<ShownState, string> = {
  delivered: "text-delivered",
  pending: "text-pending",
  retrying: "text-retrying",
  dead: "text-dead",
  paused: "text-paused",
  cancelled: "text-cancelled",
};
const BADGE: Record<ShownState, string> = {
  delivered: "bg-delivered-soft [--cut:var(--delivered-soft)]",
  pending: "bg-pending-soft [--cut:var(--pending-soft)]",
  retrying: "bg-retrying-soft [--cut:var(--retrying-soft)]",
  dead: "bg-dead-soft [--cut:var(--dead-soft)]",
  paused: "bg-paused-soft [--cut:var(--paused-soft)]",
  cancelled: "bg-cancelled-soft [--cut:var(--cancelled-soft)]",
};
/** Success whispers: only its glyph has the colour. */
const QUIET: ReadonlySet<ShownState> = new Set(["delivered", "pending", "cancelled"]);

/** Outline and word. Plain in rows; with `badge` tinted, for headings. */
export function State({
  of,
  badge = false,
  isNone = false,
  children,
}: {
  of: ShownState;
  badge?: boolean;
  /** There is nothing in this state: it has no colour. */
  isNone?: boolean;
  /** Another word for the same state, such as `Enabled`. */
  children?: ReactNode;
}) {
  const word = children ?? partWords.states[of];
  if (badge) {
    return (
      <span
        className={cx(
          "inline-flex h-5 flex-none items-center gap-1.5 rounded-sm pr-1.75 pl-1.25 text-xs font-medium whitespace-nowrap",
          TEXT[of],
          BADGE[of],
        )}
      >
        <Glyph of={of} />
        {word}
      </span>
    );
  }
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1.75 align-middle whitespace-nowrap",
        isNone ? "text-fg-3" : TEXT[of],
      )}
    >
      <Glyph of={of} />
      <span className={cx((isNone || QUIET.has(of)) && "text-fg-2")}>{word}</span>
    </span>
  );
}

/** The outline of a state alone; a word must stand near it. */
export function Glyph({ of, size = 14 }: { of: ShownState | "warning"; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 14 14"
      aria-hidden="true"
      className="block flex-none"
    >
      {GLYPHS[of]}
    </svg>
  );
}

const line = {
  fill: "none",
  stroke: "currentColor",
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;
const cut = {
  fill: "none",
  stroke: "var(--cut)",
  strokeWidth: 1.5,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;

const GLYPHS: Record<ShownState | "warning", ReactNode> = {
  delivered: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="M4.4 7.2 6.2 9l3.5-3.9" {...cut} />
    </>
  ),
  pending: <circle cx="7" cy="7" r="5.25" {...line} strokeWidth={1.5} strokeDasharray="2.2 1.92" />,
  retrying: (
    <>
      <path d="M12.2 7A5.2 5.2 0 1 1 10.4 3.1" {...line} strokeWidth={1.6} />
      <path d="M10.9.6v3.1H7.8" {...line} strokeWidth={1.6} />
      <circle cx="7" cy="7" r="1.5" fill="currentColor" />
    </>
  ),
  dead: (
    <>
      <path d="M4.6 1h4.8L13 4.6v4.8L9.4 13H4.6L1 9.4V4.6Z" fill="currentColor" />
      <path d="m5.1 5.1 3.8 3.8m0-3.8L5.1 8.9" {...cut} />
    </>
  ),
  paused: (
    <>
      <rect x="1.25" y="1.25" width="11.5" height="11.5" rx="3" {...line} strokeWidth={1.5} />
      <path d="M5.4 4.9v4.2m3.2-4.2v4.2" {...line} strokeWidth={1.6} />
    </>
  ),
  cancelled: (
    <>
      <circle cx="7" cy="7" r="5.25" {...line} strokeWidth={1.5} />
      <path d="m3.4 10.6 7.2-7.2" {...line} strokeWidth={1.5} />
    </>
  ),
  warning: (
    <>
      <path
        d="M7 1.2 13.2 12.4H.8Z"
        fill="currentColor"
        stroke="currentColor"
        strokeLinejoin="round"
      />
      <path d="M7 5.2v3.2" {...cut} />
      <circle cx="7" cy="10.4" r=".9" fill="var(--cut)" />
    </>
  ),
};
