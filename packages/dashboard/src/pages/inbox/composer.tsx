import { LayoutTemplate } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button, IconButton } from "../../parts/controls/button.tsx";
import { useTicking } from "../../parts/values/ticking.ts";
import { useMay } from "../../session/me.ts";
import { useActs } from "../../shell/acts.ts";
import { inboxWords, partWords } from "../../words/index.ts";
import type { Conversation } from "./queries.ts";
import type { Wish } from "./sending.ts";
import { type Way, wayOf } from "./window.ts";

const TemplatePicker = lazy(() =>
  import("./template-picker.tsx").then((it) => ({ default: it.TemplatePicker })),
);

const words = inboxWords.reply;
const NOTES: Record<Way, string> = {
  free: words.free,
  human: words.human,
  templates: words.templatesOnly,
  shut: words.shut,
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
  onSend(wish: Wish, text: string): void;
}) {
  const { channel } = conversation;
  const [isPicking, setPicking] = useState(false);
  const may = useMay("messages:send");
  const way = useTicking((now) => wayOf(conversation, now)) as Way;
  const isShut = way === "shut" || way === "templates";
  const refusal = isShut ? NOTES[way] : text.trim() === "" ? words.nothing : null;
  const send = () => {
    if (refusal !== null || !may.may) return;
    onSend({ text: text.trim() }, text.trim());
    onText("");
  };
  const hasTemplates = channel.kind === "whatsapp";
  useActs([{ key: "Mod+Enter", does: words.send, isQuiet: true, run: send }]);
  const label = words.label(partWords.channels[channel.kind]);
  return (
    <div className="mx-4 mb-3.5 flex-none rounded-lg border border-border-strong shadow-1 focus-within:border-accent-line phone:mx-2 phone:mb-2">
      <textarea
        aria-label={label}
        placeholder={isShut ? NOTES[way] : label}
        value={text}
        rows={2}
        disabled={isShut || !may.may}
        onChange={(event) => onText(event.target.value)}
        className="block max-h-40 min-h-13 w-full resize-none rounded-t-lg px-3 pt-2.25 pb-1 text-md outline-none field-sizing-content placeholder:text-fg-3 disabled:bg-surface-sunken"
      />
      <div className="flex min-h-10 flex-wrap items-center gap-1 py-1 pr-1.25 pl-1.5">
        {hasTemplates && (
          <IconButton
            icon={LayoutTemplate}
            label={words.template}
            needs="messages:send"
            onClick={() => setPicking(true)}
          />
        )}
        <span className="mr-1 ml-auto min-w-0 text-right text-xs text-fg-3">
          {conversation.status === "closed" && !isShut ? words.reopens : NOTES[way]}
        </span>
        {way === "templates" ? (
          <Button kind="primary" needs="messages:send" onClick={() => setPicking(true)}>
            {words.template}
          </Button>
        ) : (
          <Button kind="primary" keys="⌘↵" needs="messages:send" refusal={refusal} onClick={send}>
            {words.send}
          </Button>
        )}
      </div>
      {isPicking && (
        <Suspense fallback={null}>
          <TemplatePicker
            channelId={channel.id}
            onClose={() => setPicking(false)}
            onSend={(wish, preview) => {
              setPicking(false);
              onSend(wish, preview);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
