import { LayoutTemplate, MapPin, MousePointerClick } from "lucide-react";
import type { ReactNode } from "react";
import { inboxWords } from "../../words/index.ts";
import { FileOf, placeOf } from "./file.tsx";
import { Note, Words } from "./lines.tsx";
import type { Message } from "./queries.ts";
import { record, textOf } from "./reading.ts";

const words = inboxWords.message;

type Content = Message["content"];

/** What a message says. Whoever draws the bubble around it asks `isFramed` first. */
export function ContentOf({ content }: { content: Content }) {
  const more = Array.isArray(content["attachments"]) ? content["attachments"] : [];
  return (
    <>
      <Body content={content} />
      {content.type !== "email" &&
        more.map((each, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an attachment is its place
          <Body key={n} content={each as Content} />
        ))}
    </>
  );
}

function Body({ content }: { content: Content }): ReactNode {
  const text = textOf(content, "text");
  switch (content.type) {
    case "text":
      return <Words text={text ?? ""} />;
    case "image":
    case "sticker":
    case "video":
    case "audio":
    case "voice":
    case "document":
      return <FileOf kind={content.type} media={record(content["media"])} />;
    case "location":
      return <Place content={content} />;
    case "contacts":
      return <Cards content={content} />;
    case "interactive_reply":
      return <Pressed content={content} />;
    case "interactive":
      return <WithButtons content={content} />;
    case "template":
      return <TemplateSent content={content} />;
    case "story_reply":
    case "story_mention":
      return (
        <Shared
          note={content.type === "story_reply" ? words.storyReply : words.storyMention}
          media={record(content["media"])}
          link={textOf(record(content["story"]), "url")}
          text={text}
        />
      );
    case "reel_share":
    case "post_share":
    case "media_share":
      return (
        <Shared
          note={words.shared[content.type]}
          media={record(content["media"])}
          link={textOf(record(content["share"]), "permalink")}
          title={textOf(record(content["share"]), "title")}
          text={text}
        />
      );
    case "order":
      return (
        <>
          <Note>{words.order(Array.isArray(content["items"]) ? content["items"].length : 0)}</Note>
          {text !== null && <Words text={text} />}
        </>
      );
    case "comment":
      return (
        <>
          <Note>{words.comment}</Note>
          <Words text={text ?? ""} />
        </>
      );
    case "email":
      return (
        <>
          <Note>{textOf(content, "subject") ?? words.email}</Note>
          <Words text={text ?? ""} />
        </>
      );
    case "reaction":
      return <Words text={textOf(content, "emoji") ?? words.types["reaction"] ?? ""} />;
    case "referral_open":
      return <Note>{words.referral}</Note>;
    case "system":
      return <Note>{text}</Note>;
    default: {
      const type = textOf(content, "provider_type");
      return <Note>{type === null ? words.unsupportedPlain : words.unsupported(type)}</Note>;
    }
  }
}

function Place({ content }: { content: Content }) {
  const at = [content["latitude"], content["longitude"]].map((each) => Number(each).toFixed(5));
  return (
    <div className="flex items-start gap-2">
      <MapPin size={15} strokeWidth={1.75} aria-hidden className="mt-0.5 flex-none text-fg-3" />
      <div className="min-w-0">
        <Words text={textOf(content, "name") ?? words.location} />
        {textOf(content, "address") !== null && <Note>{textOf(content, "address")}</Note>}
        <code className="text-xs text-fg-2">{at.join(", ")}</code>
      </div>
    </div>
  );
}

function Cards({ content }: { content: Content }) {
  const cards = Array.isArray(content["contacts"]) ? content["contacts"].map(record) : [];
  return cards.map((card, n) => {
    const phones = Array.isArray(card["phones"]) ? card["phones"].map(record) : [];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a card is its place
      <div key={n}>
        <Note>{words.contacts}</Note>
        <Words
          text={[textOf(card, "name"), ...phones.map((each) => textOf(each, "phone"))]
            .filter((each) => each !== null)
            .join("\n")}
        />
      </div>
    );
  });
}

function Pressed({ content }: { content: Content }) {
  const isForm = content["kind"] === "flow";
  return (
    <div className="flex items-center gap-2">
      <MousePointerClick size={15} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
      <Words text={textOf(content, "title") ?? (isForm ? words.form : words.button)} />
    </div>
  );
}

function WithButtons({ content }: { content: Content }) {
  const actions = Array.isArray(content["actions"]) ? content["actions"].map(record) : [];
  return (
    <>
      <Words text={textOf(content, "body") ?? ""} />
      {textOf(content, "footer") !== null && <Note>{textOf(content, "footer")}</Note>}
      <Buttons titles={actions.map((each) => textOf(each, "title") ?? textOf(each, "text"))} />
    </>
  );
}

function TemplateSent({ content }: { content: Content }) {
  const rest = [textOf(content, "category")?.toLowerCase(), textOf(content, "language")];
  const preview = textOf(content, "rendered_preview");
  const values = valuesIn(content["components"]);
  return (
    <>
      <p className="-mx-2.75 -mt-1.75 mb-1.5 flex items-center gap-1.75 border-b border-border-subtle bg-accent-soft px-2.75 py-1.25 text-2xs text-fg-2">
        <LayoutTemplate size={13} strokeWidth={1.75} aria-hidden />
        <code className="truncate">{textOf(content, "name")}</code>
        <span className="whitespace-nowrap">{rest.filter(Boolean).join(", ")}</span>
      </p>
      {preview === null ? (
        <Note>{values.length === 0 ? words.types["template"] : values.join(" · ")}</Note>
      ) : (
        <Words text={preview} />
      )}
    </>
  );
}

/** The values that a template was filled with, in order. */
function valuesIn(components: unknown): string[] {
  if (!Array.isArray(components)) return [];
  return components
    .map(record)
    .flatMap(({ parameters }) => (Array.isArray(parameters) ? parameters.map(record) : []))
    .flatMap((each) => textOf(each, "text") ?? []);
}

function Buttons({ titles }: { titles: readonly (string | null)[] }) {
  const named = titles.filter((each) => each !== null);
  if (named.length === 0) return null;
  return (
    <p className="mt-1.5 flex flex-wrap gap-x-4 border-t border-border-subtle pt-1.5 text-sm font-medium text-fg-2">
      {named.map((title) => (
        <span key={title}>{title}</span>
      ))}
    </p>
  );
}

function Shared({
  note,
  media,
  link,
  title = null,
  text,
}: {
  note: string;
  media: Record<string, unknown>;
  link: string | null;
  title?: string | null;
  text: string | null;
}) {
  const src = media["state"] === "stored" ? placeOf(media["url"]) : null;
  const isPicture = textOf(media, "mime")?.startsWith("image/") === true;
  const href = src ?? (link?.startsWith("https://") === true ? link : null);
  return (
    <div className="flex items-center gap-2.5">
      {src !== null && isPicture && (
        <img
          src={src}
          alt={words.story}
          className="h-15 w-10 flex-none rounded-[5px] bg-surface-sunken object-cover"
        />
      )}
      <div className="min-w-0">
        <Note>
          {href === null ? (
            note
          ) : (
            <a href={href} target="_blank" rel="noreferrer" className="underline">
              {note}
            </a>
          )}
        </Note>
        {title !== null && <Note>{title}</Note>}
        {text !== null && <Words text={text} />}
      </div>
    </div>
  );
}
