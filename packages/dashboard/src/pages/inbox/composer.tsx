import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LayoutTemplate, Paperclip, Reply } from "lucide-react";
import { type ClipboardEvent, useRef, useState } from "react";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { cx } from "../../parts/class-names.ts";
import { Button, IconButton } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { inboxWords, partWords } from "../../words/index.ts";
import { useTicking } from "../../words/ticking.ts";
import { type Attached, useAttached } from "./files/attached.ts";
import { type Piece, piecesOf, wordsGo } from "./files/batch.ts";
import { acceptOf } from "./files/fits.ts";
import { limitsInWords } from "./files/in-words.ts";
import { Tray } from "./files/tray.tsx";
import { useDrop } from "./files/use-drop.ts";
import { type Conversation, fileLimitsQuery } from "./queries.ts";
import { isShut, type Way, wayOf } from "./window.ts";

const TemplatePicker = fetched(() =>
  import("./templates/template-picker.tsx").then((it) => it.TemplatePicker),
);

const words = inboxWords.reply;
const fileWords = inboxWords.files;
const NOTES: Record<Way, string> = {
  free: words.free,
  human: words.human,
  templates: words.templatesOnly,
  shut: words.shut,
  opted_out: words.optedOut,
  channel_deleted: words.channelDeleted,
};

/** The box under a thread. What it holds is the thread's: a refused message can be put back. */
export function Composer({
  conversation,
  text,
  onText,
  onSend,
}: {
  conversation: Conversation;
  text: string;
  onText(text: string): void;
  onSend(pieces: readonly Piece[]): void;
}) {
  const { channel } = conversation;
  const [isPicking, setPicking] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const may = useMay("messages:send");
  const mayAsk = useMay("channels:read").may;
  const { data: limits = null } = useQuery({ ...fileLimitsQuery(channel.id), enabled: mayAsk });
  const queries = useQueryClient();
  const attaching = useAttached(conversation.id, {
    known: limits,
    read: async () =>
      mayAsk ? queries.ensureQueryData(fileLimitsQuery(channel.id)).catch(() => null) : null,
  });
  const way = useTicking((now) => wayOf(conversation, now)) as Way;
  const isClosed = isShut(way);
  const takesFiles = !isClosed && may.may && limits?.length !== 0;
  const isOver = useDrop(attaching.add, takesFiles);
  const { files } = attaching;
  const refusal = isClosed ? NOTES[way] : (whyNot(files) ?? (isNothing() ? words.nothing : null));
  function isNothing(): boolean {
    return text.trim() === "" && files.length === 0;
  }
  const send = () => {
    if (refusal !== null || !may.may) return;
    onSend(piecesOf(attaching.take(), text.trim()));
    onText("");
  };
  const paste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0 || !takesFiles) return;
    event.preventDefault();
    attaching.add(pasted);
  };
  const attach = () => chooser.current?.click();
  const name = partWords.channels[channel.kind];
  const hasTemplates = channel.kind === "whatsapp" && conversation.blocked_by === null;
  const limitsHint = limits?.length ? limitsInWords(name, limits) : undefined;
  useActs([
    { key: "Mod+Enter", does: words.send, isQuiet: true, run: send },
    {
      key: "r",
      does: words.write,
      icon: Reply,
      refusal: isClosed ? NOTES[way] : (may.reason ?? null),
      run: () => box.current?.focus(),
    },
    {
      key: "a",
      does: fileWords.attach,
      icon: Paperclip,
      refusal: takesFiles ? null : fileWords.shut,
      run: attach,
    },
  ]);
  const label = words.label(name);
  return (
    <div
      className={cx(
        "relative mx-4 mb-3.5 flex-none rounded-lg border border-border-strong shadow-1 has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:-outline-offset-1 has-[textarea:focus-visible]:outline-focus phone:mx-2 phone:mb-2",
        isOver && "border-accent-solid bg-accent-soft",
      )}
    >
      <Tray attaching={attaching} limits={limits} channel={name} />
      <textarea
        ref={box}
        dir="auto"
        aria-label={label}
        placeholder={isClosed ? NOTES[way] : label}
        value={text}
        rows={2}
        disabled={isClosed || !may.may}
        onChange={(event) => onText(event.target.value)}
        onPaste={paste}
        className="block max-h-40 min-h-13 w-full resize-none rounded-t-lg px-3 pt-2.25 pb-1 text-md outline-none field-sizing-content placeholder:text-fg-3 disabled:bg-surface-sunken"
      />
      <div className="flex min-h-10 flex-wrap items-center gap-1 py-1 pr-1.25 pl-1.5">
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label={fileWords.attach}
          accept={limits === null ? undefined : acceptOf(limits)}
          onChange={(event) => {
            attaching.add([...(event.target.files ?? [])]);
            // The same file may be picked again after it was taken away.
            event.target.value = "";
            box.current?.focus();
          }}
        />
        <IconButton
          icon={Paperclip}
          label={fileWords.attach}
          hint={takesFiles ? limitsHint : fileWords.shut}
          needs="messages:send"
          disabled={!takesFiles}
          onClick={attach}
        />
        {hasTemplates && (
          <IconButton
            icon={LayoutTemplate}
            label={words.template}
            needs="messages:send"
            onClick={() => setPicking(true)}
          />
        )}
        <span className="mr-1 ml-auto min-w-0 text-right text-xs text-fg-3">
          {(isOver ? fileWords.drop(name) : noteOn(files, text.trim(), name)) ??
            (conversation.status === "closed" && !isClosed ? words.staysClosed : NOTES[way])}
        </span>
        {way === "templates" ? (
          <Button kind="primary" needs="messages:send" onClick={() => setPicking(true)}>
            {words.template}
          </Button>
        ) : (
          <Button
            kind="primary"
            keys="⌘↵"
            needs="messages:send"
            refusal={refusal}
            onClick={send}
            className="phone:ml-auto"
          >
            {words.send}
          </Button>
        )}
      </div>
      {isPicking && (
        <Late onLeave={() => setPicking(false)}>
          <TemplatePicker
            channelId={channel.id}
            onClose={() => setPicking(false)}
            onSend={(wish, preview) => {
              setPicking(false);
              onSend([{ wish, text: preview, file: null }]);
            }}
          />
        </Late>
      )}
    </div>
  );
}

/** Why what waits cannot be sent yet; null when it can. */
function whyNot(files: readonly Attached[]): string | null {
  const kinds = files.map(({ progress }) => progress.kind);
  if (kinds.includes("unfit") || kinds.includes("failed")) return fileWords.inTheWay;
  return kinds.includes("going") ? fileWords.stillGoing : null;
}

/** What keeps files back, or where the words go that are written beside them; null where there is nothing to say. */
function noteOn(files: readonly Attached[], text: string, channel: string): string | null {
  const reason = whyNot(files);
  if (reason !== null) return reason;
  const ready = files.flatMap(({ progress }) => (progress.kind === "here" ? [progress] : []));
  if (text === "" || ready.length === 0) return null;
  switch (wordsGo(ready, text)) {
    case "alone":
      return null;
    case "caption":
      return fileWords.caption;
    case "too_long":
      return fileWords.captionTooLong;
    case "no_captions":
      return fileWords.noCaptions(channel);
  }
}
