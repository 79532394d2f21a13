import { Link } from "@tanstack/react-router";
import { Check, CheckCheck, Clock, EyeOff, SmilePlus, TriangleAlert } from "lucide-react";
import { useMay } from "../../api/me.ts";
import { cx } from "../../parts/class-names.ts";
import { IconButton } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { OnDemand } from "../../parts/late/on-demand.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { clock } from "../../words/format.ts";
import { inboxWords } from "../../words/index.ts";
import { ContentOf } from "./content.tsx";
import type { Piece } from "./files/batch.ts";
import { lineOf } from "./person/person.ts";
import type { Message } from "./queries.ts";
import { record, textOf } from "./reading.ts";

const ReactMenu = fetched(() => import("./react-menu.tsx").then((it) => it.ReactMenu));

const words = inboxWords.message;
const FILE_TYPES = ["image", "video", "audio", "voice", "document", "sticker"] as const;

/** One message: what was said, when, by whom, how far it came. */
export function Bubble({
  message,
  emojis,
  quoted,
  isChosen,
  onWhy,
  onReact,
  onAgain,
  onFileAgain,
}: {
  message: Message;
  /** Reactions that stand on it. */
  emojis: readonly string[];
  /** What it answers, where that is here. */
  quoted: Message | undefined;
  isChosen: boolean;
  onWhy: (() => void) | null;
  /** Null where its channel knows no reactions. */
  onReact: ((emoji: string | null) => void) | null;
  onAgain: ((text: string) => void) | null;
  /** Sends the same file once more. */
  onFileAgain(file: Piece): void;
}) {
  const isOut = message.direction === "outbound";
  const { content } = message;
  const at = clock(Date.parse(message.created_at));
  const isGone = content.type === "purged" || message.deleted_at !== null;
  const text = content.type === "text" ? textOf(content, "text") : null;
  const file = isOut ? keptFileOf(message) : null;
  return (
    <li
      id={message.id}
      className={cx(
        "group/msg grid max-w-[min(420px,86%)] gap-0.75",
        isOut ? "justify-items-end self-end" : "justify-items-start",
      )}
    >
      {isGone ? (
        <Gone message={message} isChosen={isChosen} />
      ) : (
        <div className={cx("flex items-center gap-1", isOut && "flex-row-reverse")}>
          <div
            className={cx(
              "relative min-w-0 overflow-hidden rounded-xl px-2.75 py-1.75 text-md",
              isOut ? "rounded-br-sm bg-accent-soft" : "rounded-bl-sm bg-surface-active",
              message.status === "failed" && "bg-dead-soft",
              content.type === "template" && "border border-accent-line bg-surface! text-md",
              isChosen && "outline-2 outline-offset-2 outline-accent-solid",
            )}
          >
            {message.quoted && <Quoted quoted={quoted} />}
            <ContentOf content={content} />
          </div>
          {onReact && (
            <span className="opacity-0 group-hover/msg:opacity-100 focus-within:opacity-100 has-data-popup-open:opacity-100 touch:opacity-100">
              <OnDemand
                face={
                  <IconButton icon={SmilePlus} label={words.reactTo(at)} needs="messages:send" />
                }
                open={(trigger) => <ReactMenu trigger={trigger} onReact={onReact} />}
              />
            </span>
          )}
        </div>
      )}
      {emojis.length > 0 && (
        <span className="z-1 -mt-2 flex gap-1 px-2.5">
          {emojis.map((emoji) => (
            <span
              key={emoji}
              role="img"
              aria-label={words.reactedWith(emoji, words.customer)}
              className="rounded-full border border-border bg-surface px-1.5 text-2xs shadow-1"
            >
              {emoji}
            </span>
          ))}
        </span>
      )}
      <Meta message={message} onWhy={onWhy} at={at} />
      {message.status === "failed" && (
        <p className="max-w-80 text-xs text-dead">
          {[textOf(message.error ?? {}, "message"), textOf(message.error ?? {}, "advice")]
            .filter((each) => each !== null)
            .join(" ")}{" "}
          {onAgain && text !== null && (
            <button type="button" className="min-h-6 underline" onClick={() => onAgain(text)}>
              {inboxWords.waiting.again}
            </button>
          )}
          {file !== null && (
            <button type="button" className="min-h-6 underline" onClick={() => onFileAgain(file)}>
              {inboxWords.waiting.sendAgain}
            </button>
          )}
        </p>
      )}
    </li>
  );
}

/** The file of a message of ours, as a message that sends it again; null where it is not kept here. */
function keptFileOf({ content }: Message): Piece | null {
  const media = record(content["media"]);
  const id = textOf(media, "id");
  const type = FILE_TYPES.find((each) => each === content.type);
  if (id === null || type === undefined) return null;
  const caption = textOf(media, "caption");
  const size = media["bytes"];
  return {
    wish: { media: { type, id, ...(caption === null ? {} : { caption }) } },
    text: caption ?? "",
    file: {
      name: textOf(media, "filename") ?? words.types[type] ?? words.file,
      bytes: typeof size === "number" ? size : 0,
    },
  };
}

/** A body that is not here any more keeps its row: kind, time, id, ticket. */
function Gone({ message, isChosen }: { message: Message; isChosen: boolean }) {
  const { content, ticket_ref: ticket } = message;
  const encoding = textOf(content, "encoding");
  const seesEvents = useMay("events:read").may;
  return (
    <div
      className={cx(
        "flex flex-wrap items-center gap-x-2.5 rounded-lg border border-dashed border-border-strong px-2.75 py-1.5 text-xs text-fg-2",
        isChosen && "outline-2 outline-offset-2 outline-accent-solid",
      )}
      title={message.deleted_at === null ? words.purgedNote : undefined}
    >
      <EyeOff size={14} strokeWidth={1.75} aria-hidden className="text-fg-3" />
      <span>{lineOf(message)}</span>
      {encoding !== null && (
        <span className="tnum text-fg-3">
          {words.segments(encoding, Number(content["segments"] ?? 1))}
        </span>
      )}
      {ticket !== null && <span className="tnum text-fg-3">{words.ticket(ticket)}</span>}
      {content.type === "purged" && seesEvents && (
        <Link
          to="/events"
          search={{ message: message.id, type: "message.purged" } as never}
          className="text-accent underline underline-offset-3"
        >
          {words.receipt}
        </Link>
      )}
    </div>
  );
}

function Quoted({ quoted }: { quoted: Message | undefined }) {
  return (
    <p className="mb-1 border-l-2 border-border-control pl-2 text-xs text-fg-2">
      <span className="sr-only">{words.replyTo} </span>
      {quoted ? (
        <a href={`#${quoted.id}`} className="line-clamp-2">
          {lineOf(quoted)}
        </a>
      ) : (
        words.replyToUnknown
      )}
    </p>
  );
}

function Meta({
  message,
  onWhy,
  at,
}: {
  message: Message;
  onWhy: (() => void) | null;
  at: string;
}) {
  const { direction, actor, referral } = message;
  const isOut = direction === "outbound";
  const headline = textOf(referral ?? {}, "headline") ?? textOf(referral ?? {}, "ad_title");
  return (
    <p className="tnum flex flex-wrap items-center gap-x-1.5 text-2xs text-fg-3">
      <Moment at={message.created_at} />
      {isOut && <span>{actor.name ?? words.actors[actor.type] ?? actor.type}</span>}
      {isOut && <Status status={message.status} />}
      {message.edited_at !== null && <span>{words.edited}</span>}
      {message.forwarded === true && <span>{words.forwarded}</span>}
      {referral !== null && <span>{headline === null ? words.referral : words.via(headline)}</span>}
      {onWhy && (
        <button
          type="button"
          onClick={onWhy}
          aria-label={words.whyOf(at)}
          className="-my-1 min-h-6 rounded-sm px-0.5 text-accent hover:underline"
        >
          {words.why}
        </button>
      )}
    </p>
  );
}

const GLYPHS = {
  queued: Clock,
  sending: Clock,
  unconfirmed: TriangleAlert,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  played: CheckCheck,
  failed: TriangleAlert,
  received: Check,
} as const;

/** Outline and word. */
export function Status({ status }: { status: Message["status"] }) {
  const Icon = GLYPHS[status];
  const isSeen = status === "read" || status === "played";
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1",
        status === "failed" && "text-dead",
        status === "unconfirmed" && "text-retrying",
        isSeen && "text-accent",
      )}
    >
      {words.status[status]}
      <Icon size={13} strokeWidth={2} aria-hidden />
    </span>
  );
}
