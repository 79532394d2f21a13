import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";

/** Puts the text where it can be pasted. False where the browser forbids it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** On plain HTTP, but from this very machine, there is no clipboard to write to. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** A glyph that copies; it says so for two seconds. */
export function CopyButton({
  text,
  what,
  className,
  size = 13,
}: {
  text: string;
  /** What is copied, for its name: `the id`. */
  what: string;
  className?: string;
  size?: number;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : CopyIcon;
  return (
    <button
      type="button"
      aria-label={copied ? partWords.copied : partWords.copyOf(what)}
      title={copied ? partWords.copied : partWords.copy}
      className={cx(
        "row-above -my-1 inline-grid size-6 flex-none place-items-center rounded-sm text-fg-3 hover:text-fg",
        className,
      )}
      onClick={(event) => {
        event.preventDefault();
        void copyText(text).then(setCopied);
      }}
    >
      <Icon size={size} strokeWidth={2} aria-hidden />
    </button>
  );
}
