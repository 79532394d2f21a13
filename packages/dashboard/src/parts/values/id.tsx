import { shortId } from "../../words/format.ts";
import { cx } from "../class-names.ts";
import { CopyButton } from "./copy.tsx";

/** `dlv_…ac5efd`; the full id is in its title and in what is copied. */
export function Id({
  id,
  shown = "on-hover",
  className,
}: {
  id: string;
  /** When the copy button is seen: always in details, on hover and focus in rows. */
  shown?: "always" | "on-hover";
  className?: string;
}) {
  return (
    <span className={cx("group/id inline-flex items-center whitespace-nowrap", className)}>
      <code className="text-xs text-fg-2" title={id} data-id={id}>
        {shortId(id)}
      </code>
      <CopyButton
        text={id}
        what={id}
        className={cx(
          shown === "on-hover" &&
            "opacity-0 group-hover/id:opacity-100 focus-visible:opacity-100 touch:opacity-100",
        )}
      />
    </span>
  );
}
