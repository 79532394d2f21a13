import { useQuery } from "@tanstack/react-query";
import { BookImage, Image, MousePointerClick, Send, Smile } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { cx } from "../../parts/class-names.ts";
import { Button, IconButton } from "../../parts/controls/button.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { initialsOf } from "../../words/format.ts";
import { partWords, simulatorWords } from "../../words/index.ts";
import { type PhoneEntry, type SimulatedChannel, threadQuery } from "./queries.ts";

type Act = Omit<Shape<"CustomerAct">, "customer">;

/** A customer's phone: what is written on it leaves as the provider's webhook, what is sent arrives. */
export function Phone({
  channel,
  isNew = false,
}: {
  channel: SimulatedChannel;
  /** Then it has the focus. */
  isNew?: boolean;
}) {
  const { data } = useQuery(threadQuery(channel.id));
  const entries = data?.data ?? [];
  const act = useAct({
    does: (body: Act) =>
      taken(
        api.POST("/v1/simulator/channels/{id}/acts", {
          params: { path: { id: channel.id } },
          body,
        }),
      ),
    changes: [["phone", channel.id], ["caught"], ["deliveries"]],
    failed: simulatorWords.actFailed,
  });
  const run = (body: Act) => void act.run(body);
  return (
    <>
      <section
        aria-label={simulatorWords.phone}
        className="mx-auto flex h-[540px] w-full max-w-72 flex-col overflow-hidden rounded-[34px] border-[7px] border-ink bg-surface shadow-2"
      >
        <header className="flex flex-none items-center gap-2.5 border-b border-border px-3.5 pt-4 pb-2.5">
          <span className="grid size-8 place-items-center rounded-full bg-surface-active text-2xs font-strong">
            {initialsOf(channel.name)}
          </span>
          <span className="min-w-0 flex-1">
            <b className="block truncate font-medium">{channel.name}</b>
            <small className="block truncate text-2xs text-fg-3">{channel.external_id}</small>
          </span>
          <ChannelTile kind={channel.kind} size={22} />
        </header>
        <Thread channel={channel} entries={entries} />
        <Writer onSend={(text) => run({ text })} busy={act.isBusy} isFirst={isNew} />
      </section>
      <Acts channel={channel} entries={entries} onAct={run} />
    </>
  );
}

function Thread({
  channel,
  entries,
}: {
  channel: SimulatedChannel;
  entries: readonly PhoneEntry[];
}) {
  const list = useRef<HTMLOListElement>(null);
  // The list alone is scrolled: the page stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is to be seen
  useEffect(() => {
    const { current } = list;
    if (current) current.scrollTop = current.scrollHeight;
  }, [entries.length]);
  const messages = entries.filter(({ type, about }) => type !== "reaction" || about === null);
  const isWaiting = messages.length > 0 && messages.at(-1)?.author === "customer";
  return (
    <ol
      ref={list}
      className="flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto px-3 py-3 -outline-offset-2"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
      tabIndex={0}
      aria-label={simulatorWords.thread}
    >
      <li className="mx-auto max-w-52 pb-3 text-center text-2xs text-fg-3">
        {simulatorWords.note(partWords.channels[channel.kind])}
      </li>
      <li className="flex-1" aria-hidden="true" />
      {messages.map((entry) => (
        <Bubble
          key={`${entry.author} ${entry.id}`}
          entry={entry}
          reactions={entries.filter(({ type, about }) => type === "reaction" && about === entry.id)}
        />
      ))}
      {isWaiting && (
        <li className="mt-1 self-start rounded-lg border border-dashed border-border-strong px-2.5 py-1.5 text-fg-3">
          {simulatorWords.answerHere}
        </li>
      )}
    </ol>
  );
}

function Bubble({ entry, reactions }: { entry: PhoneEntry; reactions: readonly PhoneEntry[] }) {
  const isOwn = entry.author === "customer";
  const kind = simulatorWords.kinds[entry.type];
  const emoji = reactions.at(-1)?.text;
  return (
    <li
      className={cx(
        "flex max-w-[85%] flex-col",
        isOwn ? "self-end items-end" : "self-start items-start",
      )}
    >
      <span
        className={cx(
          "relative rounded-xl px-3 py-1.5 text-md wrap-anywhere whitespace-pre-wrap",
          isOwn ? "rounded-br-sm bg-delivered-soft" : "rounded-bl-sm bg-surface-active",
        )}
      >
        {kind !== undefined && <small className="block text-2xs text-fg-3">{kind}</small>}
        {entry.text ?? (kind === undefined ? entry.type : "")}
        {emoji != null && (
          <span className="absolute -right-1 -bottom-2 rounded-full border border-border bg-surface px-1 text-xs">
            {emoji}
          </span>
        )}
      </span>
      <small
        className={cx("tnum mt-0.5 mb-1 flex gap-1.5 text-2xs text-fg-3", emoji != null && "mt-2")}
      >
        <Moment at={entry.at} />
        {isOwn ? <Taken status={entry.webhook_status} /> : <Statuses of={entry.statuses} />}
      </small>
    </li>
  );
}

/** Whether Curlew took the provider's webhook. */
function Taken({ status }: { status: number | null }) {
  if (status === 200) return <span>{simulatorWords.accepted}</span>;
  return (
    <span className="text-dead">
      {status === null ? simulatorWords.lost : simulatorWords.refused(status)}
    </span>
  );
}

function Statuses({ of }: { of: readonly string[] }) {
  const last = of.filter((each) => each !== "echo").at(-1);
  return last === undefined ? null : <span>{last}</span>;
}

function Writer({
  onSend,
  busy,
  isFirst,
}: {
  onSend(text: string): void;
  busy: boolean;
  isFirst: boolean;
}) {
  const [text, setText] = useState("");
  return (
    <form
      className="flex flex-none items-center gap-1.5 border-t border-border px-2.5 py-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === "" || busy) return;
        onSend(text.trim());
        setText("");
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: the phone was asked for
        autoFocus={isFirst}
        aria-label={simulatorWords.write}
        placeholder={simulatorWords.write}
        value={text}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        className="h-8 min-w-0 flex-1 rounded-full border border-border-strong bg-surface px-3.5"
      />
      <IconButton icon={Send} label={simulatorWords.send} type="submit" needs="channels:write" />
    </form>
  );
}

/** What else a customer can do; what the channel cannot says so. */
function Acts({
  channel,
  entries,
  onAct,
}: {
  channel: SimulatedChannel;
  entries: readonly PhoneEntry[];
  onAct(act: Act): void;
}) {
  const { acts, cannot, samples } = simulatorWords;
  const { kind } = channel;
  const answerable =
    entries.findLast(({ type, author }) => type !== "reaction" && author === "business") ??
    entries.findLast(({ type }) => type !== "reaction");
  const items: [string, typeof Image, string | null, Act][] = [
    [acts.image, Image, null, { image: { caption: samples.image } }],
    [
      acts.react,
      Smile,
      kind === "sms" ? cannot.react : answerable ? null : cannot.nothing,
      { reaction: { message_id: answerable?.id ?? "", emoji: samples.emoji } },
    ],
    [
      acts.ad,
      MousePointerClick,
      kind === "sms" ? cannot.ad : null,
      { ad_click: { text: samples.ad } },
    ],
    [
      acts.story,
      BookImage,
      kind === "instagram" ? null : cannot.story,
      { story_reply: { text: samples.story } },
    ],
  ];
  return (
    <div className="mt-3.5 flex flex-wrap justify-center gap-1.5">
      {items.map(([label, icon, refusal, act]) => (
        <Button
          key={label}
          size="sm"
          icon={icon}
          refusal={refusal}
          needs="channels:write"
          onClick={() => onAct(act)}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
