import type { LucideIcon } from "lucide-react";
import { FileText, Film, Image, Music, RotateCw, X } from "lucide-react";
import { cx } from "../../../parts/class-names.ts";
import { IconButton } from "../../../parts/controls/button.tsx";
import { bytes, percent } from "../../../words/format.ts";
import { inboxWords } from "../../../words/index.ts";
import type { Attached, Attaching, Progress } from "./attached.ts";
import type { FileLimit } from "./fits.ts";
import { limitsInWords, whyUnfit } from "./in-words.ts";

const words = inboxWords.files;

/** The files that go with what is written, and what of them the channel takes. */
export function Tray({
  attaching: { files, remove, again },
  limits,
  channel,
}: {
  attaching: Attaching;
  limits: readonly FileLimit[] | null;
  /** What people call it. */
  channel: string;
}) {
  if (files.length === 0) return null;
  return (
    <div className="px-2 pt-2">
      <ul aria-label={words.list} className="flex max-h-48 flex-wrap gap-1.5 overflow-y-auto">
        {files.map((each) => (
          <Picked
            key={each.key}
            attached={each}
            channel={channel}
            onAgain={() => again(each.key)}
            onRemove={() => remove(each.key)}
          />
        ))}
      </ul>
      {limits !== null && limits.length > 0 && (
        <p className="px-1 pt-1.5 text-2xs text-fg-3">{limitsInWords(channel, limits)}</p>
      )}
    </div>
  );
}

function Picked({
  attached: { file, preview, progress },
  channel,
  onAgain,
  onRemove,
}: {
  attached: Attached;
  channel: string;
  onAgain(): void;
  onRemove(): void;
}) {
  const isWrong = progress.kind === "unfit" || progress.kind === "failed";
  const Icon = iconOf(file.type);
  return (
    <li
      className={cx(
        "flex w-66 max-w-full items-center gap-2 rounded-md border p-1.5 phone:w-full",
        isWrong ? "border-dead bg-dead-soft" : "border-border bg-surface-sunken",
      )}
    >
      <span className="grid size-10 flex-none place-items-center overflow-hidden rounded-sm bg-surface-active text-fg-3">
        {preview === null ? (
          <Icon size={18} strokeWidth={1.75} aria-hidden />
        ) : (
          <img src={preview} alt={words.preview(file.name)} className="size-10 object-cover" />
        )}
      </span>
      <span className="grid min-w-0 flex-1">
        <span className="truncate text-sm" title={file.name}>
          {file.name}
        </span>
        <StateOf progress={progress} file={file} channel={channel} />
      </span>
      {progress.kind === "failed" && (
        <IconButton icon={RotateCw} label={words.again(file.name)} onClick={onAgain} />
      )}
      <IconButton icon={X} label={words.remove(file.name)} onClick={onRemove} />
    </li>
  );
}

function StateOf({ progress, file, channel }: { progress: Progress; file: File; channel: string }) {
  switch (progress.kind) {
    case "going":
      return (
        <>
          <span className="truncate text-2xs text-fg-2 tabular-nums">
            {words.going(percent(progress.share, 0), bytes(file.size))}
          </span>
          <span
            role="progressbar"
            aria-label={words.bringing(file.name)}
            aria-valuenow={Math.round(progress.share * 100)}
            className="mt-1 block h-0.5 overflow-hidden rounded-full bg-border"
          >
            <span
              className="block h-full bg-accent-solid"
              style={{ width: `${progress.share * 100}%` }}
            />
          </span>
        </>
      );
    case "here":
      return (
        <span className="truncate text-2xs text-fg-2">
          {words.here(bytes(file.size), words.as[progress.limit.type] ?? progress.limit.type)}
        </span>
      );
    case "unfit":
      return (
        <span role="alert" className="text-2xs text-dead">
          {whyUnfit(channel, progress, file.size)}
        </span>
      );
    case "failed":
      return (
        <span role="alert" className="text-2xs text-dead">
          {progress.refused.message}
        </span>
      );
  }
}

function iconOf(mime: string): LucideIcon {
  if (mime.startsWith("image/")) return Image;
  if (mime.startsWith("video/")) return Film;
  return mime.startsWith("audio/") ? Music : FileText;
}
