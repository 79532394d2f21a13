import { partWords } from "../../words/index.ts";
import { Button } from "../controls/button.tsx";

/** As many as a screen shows. */
export const SKELETONS = Array.from({ length: 14 }, (_, n) => n);

/** The columns of a row that is not there yet. */
export function SkeletonRow({ n, columns }: { n: number; columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that is not there takes no focus
    <tr aria-hidden="true">
      {Array.from({ length: columns }, (_, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
        <td key={column}>
          <span className="skeleton" style={{ width: `${40 + ((n * 7 + column * 13) % 45)}%` }} />
        </td>
      ))}
    </tr>
  );
}

/** In the place of what follows, where it did not come. */
export function CutRow({ span, onAgain }: { span: number; onAgain(): void }) {
  return (
    <tr>
      <td colSpan={span} role="alert">
        <span className="mr-3 text-fg-2">{partWords.table.cut}</span>
        <Button size="sm" onClick={onAgain}>
          {partWords.error.again}
        </Button>
      </td>
    </tr>
  );
}

/** Stands for rows that are not drawn. */
export function Gap({ height, span }: { height: number; span: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that is not there takes no focus
    <tr aria-hidden="true">
      <td colSpan={span} className="border-0! p-0!" style={{ height }} />
    </tr>
  );
}
