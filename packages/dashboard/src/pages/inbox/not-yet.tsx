import { Paperclip } from "lucide-react";
import { cx } from "../../parts/class-names.ts";
import { bytes } from "../../words/format.ts";
import { inboxWords, partWords } from "../../words/index.ts";
import { Status } from "./bubble.tsx";
import { mayHaveGone, type Waiting } from "./sending.ts";

const words = inboxWords;

/** Sent from here a moment ago. */
export function NotYet({
  waiting: { text, refused, wish, file },
  onAgain,
  onDismiss,
}: {
  waiting: Waiting;
  onAgain(): void;
  onDismiss(): void;
}) {
  return (
    <li className="grid max-w-[min(420px,86%)] justify-items-end gap-0.75 self-end">
      <div
        className={cx(
          "rounded-xl rounded-br-sm px-2.75 py-1.75 text-md [overflow-wrap:anywhere] whitespace-pre-wrap",
          refused === null ? "bg-accent-soft" : "bg-dead-soft",
        )}
      >
        {file !== null && (
          <p className="flex items-center gap-2">
            <Paperclip size={15} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
            <span className="min-w-0">{file.name}</span>
            <small className="text-xs whitespace-nowrap text-fg-2">{bytes(file.bytes)}</small>
          </p>
        )}
        <span dir="auto" className="block">
          {text}
        </span>
      </div>
      <p className="flex items-center gap-1.5 text-2xs text-fg-3">
        <span>{words.message.you}</span>
        {refused === null ? <Status status="queued" /> : <span>{words.waiting.refused}</span>}
      </p>
      {refused !== null && (
        <p role="alert" className="text-right text-xs text-dead">
          {refused.message}{" "}
          {(wish.text !== undefined || file !== null || mayHaveGone(refused)) && (
            <button type="button" className="min-h-6 underline" onClick={onAgain}>
              {mayHaveGone(refused)
                ? partWords.error.again
                : file === null
                  ? words.waiting.again
                  : words.waiting.sendAgain}
            </button>
          )}{" "}
          <button type="button" className="min-h-6 underline" onClick={onDismiss}>
            {words.waiting.dismiss}
          </button>
        </p>
      )}
    </li>
  );
}
