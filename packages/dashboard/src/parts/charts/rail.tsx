import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";

export interface RailNode {
  /** The wait that follows it, `15 m`; null after the last. */
  wait: string | null;
  kind: "accepted" | "failed" | "next" | "toCome";
  /** `503`, `Timed out`; empty for what is to come. */
  word: string;
  /** `14:30:36` */
  at: string;
}

/**
 * The track, opened: the waits between the nodes, code and time under them. The nodes are tabs
 * (← →) that choose which attempt is shown below.
 */
export function Rail({
  nodes,
  chosen,
  onChoose,
  panelId,
}: {
  nodes: readonly RailNode[];
  /** Index of the attempt that is shown. */
  chosen: number;
  onChoose(index: number): void;
  /** Of the element that shows the chosen attempt. */
  panelId: string;
}) {
  const made = nodes.filter(({ kind }) => kind === "accepted" || kind === "failed").length;
  const step = (by: number) => onChoose(Math.min(made - 1, Math.max(0, chosen + by)));
  return (
    <div
      role="tablist"
      aria-label={partWords.rail.label}
      className="rail"
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") step(1);
        else if (event.key === "ArrowLeft") step(-1);
        else return;
        event.preventDefault();
      }}
    >
      {nodes.map((node, n) => {
        const isMade = n < made;
        const inner = (
          <>
            <span className="rail-node" data-kind={node.kind}>
              <Mark kind={node.kind} />
            </span>
            {node.wait !== null && <span className="rail-wait">{node.wait}</span>}
            <b
              className={cx(
                "block font-medium",
                node.kind === "next" ? "text-retrying" : "text-fg",
              )}
            >
              {node.kind === "next" ? partWords.rail.next : node.word || "\u00a0"}
            </b>
            {node.at}
          </>
        );
        return isMade ? (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a node is its place
            key={n}
            type="button"
            role="tab"
            aria-selected={n === chosen}
            aria-controls={panelId}
            aria-label={partWords.rail.attempt(n + 1, node.word, node.at)}
            tabIndex={n === chosen ? 0 : -1}
            className="rail-step"
            data-made={node.kind}
            onClick={() => onChoose(n)}
            ref={(element) => {
              const list = element?.parentElement;
              if (n === chosen && list?.contains(document.activeElement)) element?.focus();
            }}
          >
            {inner}
          </button>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a node is its place
          <span key={n} role="presentation" className="rail-step">
            {inner}
          </span>
        );
      })}
    </div>
  );
}

function Mark({ kind }: { kind: RailNode["kind"] }) {
  if (kind === "next")
    return <span className="size-3.25 rounded-full border-[1.5px] border-dashed border-retrying" />;
  if (kind === "toCome") return <span className="size-1.25 rounded-full bg-border-control" />;
  return (
    <svg width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      <path
        d={kind === "accepted" ? "M2.8 7.4 5.7 10.3 11.2 4" : "m3.6 3.6 6.8 6.8m0-6.8-6.8 6.8"}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.9}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
