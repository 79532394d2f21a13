import { RotateCw, X } from "lucide-react";
import type { ReactNode } from "react";
import { useMe } from "../../api/me.ts";
import { asRefused } from "../../api/problem.ts";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";
import { Button } from "../controls/button.tsx";
import { Id } from "../values/id.tsx";
import { Glyph } from "../values/state.tsx";

/** Begins where rows begin in a place of that width. */
const ROOM = "px-6 pt-7.5 pb-7 phone:px-4 @max-[560px]:px-4";

/** Teaches what would lie here, and offers the one act that makes it happen. */
export function Empty({
  title,
  children,
  act,
  className,
}: {
  title: string;
  children: ReactNode;
  act?: ReactNode;
  className?: string;
}) {
  return (
    <div className="@container">
      <div className={cx(ROOM, className)}>
        <h2 className="text-md font-strong">{title}</h2>
        <div className="mt-1 max-w-[56ch] text-fg-3">{children}</div>
        {act !== undefined && <div className="mt-3.5 flex flex-wrap items-center gap-3">{act}</div>}
      </div>
    </div>
  );
}

/** Nothing is left of what was asked for: names the filter to remove. */
export function NoMatch({
  title,
  children,
  remove,
  onRemove,
}: {
  title: string;
  children?: ReactNode;
  remove: string;
  onRemove(): void;
}) {
  return (
    <Empty
      title={title}
      act={
        <Button icon={X} onClick={onRemove}>
          {remove}
        </Button>
      }
    >
      {children}
    </Empty>
  );
}

/** What failed in words, what is safe, another try, and the request's id. */
export function Failed({
  what,
  error,
  onAgain,
  className,
}: {
  /** `Deliveries` */
  what: string;
  error: unknown;
  onAgain?: () => void;
  className?: string;
}) {
  const refused = asRefused(error);
  const { workspace, workspaces } = useMe();
  // What was asked for is not to be had so: asking again changes nothing.
  const isFinal = [403, 404, 410, 422].includes(refused.status);
  const said = refused.status === 403 ? partWords.error.notYours : inSentences(refused.message);
  return (
    <div role="alert" className="@container">
      <div className={cx(ROOM, className)}>
        <h2 className="flex items-center gap-2 text-md font-strong">
          <span className="text-dead">
            <Glyph of="warning" />
          </span>
          {partWords.error.title(what)}
        </h2>
        <p className="mt-1 max-w-[60ch] text-fg-3">
          {said} {!isFinal && partWords.error.safe}
          {refused.status === 404 &&
            workspaces.length > 1 &&
            partWords.error.elsewhere(workspace.name)}
        </p>
        <div className="mt-3.5 flex flex-wrap items-center gap-3">
          {onAgain && !isFinal && (
            <Button icon={RotateCw} onClick={onAgain}>
              {partWords.error.again}
            </Button>
          )}
          {refused.requestId !== null && <Id id={refused.requestId} shown="always" />}
        </div>
      </div>
    </div>
  );
}

/** As it stands among other sentences: the server's details need not end as one. */
function inSentences(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Lines where text will be, of the given widths in px; seen after 150 ms. */
export function Skeleton({ widths }: { widths: readonly number[] }) {
  return (
    <div role="status" aria-label={partWords.loading} className="grid gap-4 p-6">
      {widths.map((width, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <span key={n} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}
