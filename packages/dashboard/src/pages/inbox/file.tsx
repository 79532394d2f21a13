import { FileText, Link2 } from "lucide-react";
import { cx } from "../../parts/class-names.ts";
import { bytes } from "../../words/format.ts";
import { inboxWords } from "../../words/index.ts";
import { Note, Words } from "./lines.tsx";
import { textOf } from "./reading.ts";

const words = inboxWords.message;

/** Our own address of a file, from where the page is, whatever name the server is known by outside. */
export function placeOf(url: unknown): string | null {
  if (typeof url !== "string") return null;
  try {
    const { pathname, search } = new URL(url);
    return pathname + search;
  } catch {
    return null;
  }
}

type FileKind = "image" | "sticker" | "video" | "audio" | "voice" | "document";

/** A file of a message, or where it is. */
export function FileOf({ kind, media }: { kind: FileKind; media: Record<string, unknown> }) {
  const caption = textOf(media, "caption");
  const elsewhere = textOf(media, "id") === null ? addressIn(media) : null;
  const src = elsewhere === null ? placeOf(media["url"]) : null;
  const isHere = src !== null && media["state"] !== "fetching";
  return (
    <>
      {elsewhere !== null ? (
        <Elsewhere
          href={elsewhere}
          name={textOf(media, "filename") ?? words.types[kind] ?? words.file}
        />
      ) : isHere ? (
        <Shown kind={kind} src={src} media={media} caption={caption} />
      ) : (
        <Note>
          {words.types[kind]}
          {": "}
          {media["state"] === "failed" || media["state"] === undefined
            ? words.lost
            : words.fetching}
        </Note>
      )}
      {caption !== null && <Words text={caption} />}
    </>
  );
}

function Shown({
  kind,
  src,
  media,
  caption,
}: {
  kind: FileKind;
  src: string;
  media: Record<string, unknown>;
  caption: string | null;
}) {
  const name = textOf(media, "filename") ?? words.types[kind] ?? words.file;
  switch (kind) {
    case "image":
    case "sticker":
      return (
        <a href={src} target="_blank" rel="noreferrer" aria-label={words.openFile(name)}>
          <img
            src={src}
            alt={caption ?? name}
            loading="lazy"
            className={cx(
              "my-0.5 max-h-60 min-h-12 max-w-full min-w-12 rounded-lg bg-surface-sunken object-cover",
              kind === "image" ? "w-56" : "w-28",
            )}
          />
        </a>
      );
    case "video":
      // biome-ignore lint/a11y/useMediaCaption: customers' videos come without captions
      return <video src={src} controls preload="metadata" className="my-0.5 w-64 rounded-lg" />;
    case "audio":
    case "voice":
      // biome-ignore lint/a11y/useMediaCaption: customers' voice messages come without captions
      return <audio src={src} controls preload="metadata" className="w-64 max-w-full" />;
    case "document":
      return (
        <a
          href={src}
          target="_blank"
          rel="noreferrer"
          className="flex items-center gap-2 text-accent underline-offset-2 hover:underline"
        >
          <FileText size={15} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
          <span className="truncate">{name}</span>
          {typeof media["bytes"] === "number" && (
            <small className="text-xs whitespace-nowrap text-fg-2">{bytes(media["bytes"])}</small>
          )}
        </a>
      );
  }
}

/** Where a file is that was never here: a message of ours named its address. */
function addressIn(media: Record<string, unknown>): string | null {
  const url = textOf(media, "url");
  return url !== null && /^https?:/.test(url) ? url : null;
}

function Elsewhere({ href, name }: { href: string; name: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="flex items-center gap-2 text-accent underline-offset-2 hover:underline"
    >
      <Link2 size={15} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
      <span className="truncate" title={href}>
        {name}
      </span>
      <small className="truncate text-xs text-fg-2">{new URL(href).host}</small>
    </a>
  );
}
