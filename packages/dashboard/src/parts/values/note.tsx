import type { ReactNode } from "react";
import { cx } from "../class-names.ts";
import { Glyph, type ShownState } from "./state.tsx";

type Tone = "plain" | "warning" | "bad" | "good";

const TONES: Record<Tone, string> = {
  plain: "border-border bg-surface-sunken [--cut:var(--surface-sunken)]",
  warning: "border-transparent bg-retrying-soft [--cut:var(--retrying-soft)]",
  bad: "border-transparent bg-dead-soft [--cut:var(--dead-soft)]",
  good: "border-transparent bg-delivered-soft [--cut:var(--delivered-soft)]",
};
const GLYPHS: Record<Tone, { of: ShownState | "warning"; colour: string } | null> = {
  plain: null,
  warning: { of: "warning", colour: "text-retrying" },
  bad: { of: "dead", colour: "text-dead" },
  good: { of: "delivered", colour: "text-delivered" },
};

/** A verdict in a box: something is wrong, or is right and worth saying. */
export function Note({
  tone = "plain",
  of,
  act,
  children,
  className,
}: {
  tone?: Tone;
  /** Another outline than the tone's own. */
  of?: ShownState | "warning";
  act?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const glyph = GLYPHS[tone];
  return (
    <div
      className={cx(
        "flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border py-3 pr-3 pl-3.5 text-fg-2",
        TONES[tone],
        className,
      )}
    >
      {glyph && (
        <span className={cx("mt-0.75 self-start", glyph.colour)}>
          <Glyph of={of ?? glyph.of} />
        </span>
      )}
      <div className="min-w-0 flex-1 basis-60 [&_b]:text-fg">{children}</div>
      {act}
    </div>
  );
}
