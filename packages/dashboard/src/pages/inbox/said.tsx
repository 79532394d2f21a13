import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Failed } from "../../parts/lists/blank.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { inboxWords } from "../../words/index.ts";
import { Bubble } from "./bubble.tsx";
import { Composer } from "./composer.tsx";
import { NotYet } from "./not-yet.tsx";
import { type Conversation, type Message, reactionsQuery } from "./queries.ts";
import { record, textOf } from "./reading.ts";
import { inboxSearch } from "./search.ts";
import { mayHaveGone, useSending } from "./sending.ts";
import { DayLine, WindowLine } from "./thread-lines.tsx";

const words = inboxWords;
const FILES_AGAIN_MS = 1_500;
const drafts = new Map<string, string>();

function isFileUnderWay({ content }: Message): boolean {
  return record(content["media"])["state"] === "fetching";
}

/** Messages, the newest at the bottom, and the box under them. */
export function Said({ conversation }: { conversation: Conversation }) {
  const { id, channel } = conversation;
  const [{ why }, setSearch] = useAddress(inboxSearch);
  const [text, setText] = useState(drafts.get(id) ?? "");
  const sending = useSending(id);
  const seesEvents = useMay("events:read").may;
  const { data: reactions = [] } = useQuery({ ...reactionsQuery(id), enabled: seesEvents });
  const list = useList<Message>(
    ["messages", id],
    (cursor) =>
      taken(
        api.GET("/v1/conversations/{id}/messages", {
          params: { path: { id }, query: { limit: PAGE_ROWS, ...cursor } },
        }),
      ),
    // No event tells that a file has come.
    { refetchMs: (rows) => (rows.some(isFileUnderWay) ? FILES_AGAIN_MS : false) },
  );
  const react = useAct({
    does: (o: { messageId: string; emoji: string | null }) =>
      taken(
        api.POST("/v1/send", {
          body: {
            conversation_id: id,
            reaction: { message_id: o.messageId, emoji: o.emoji },
            actor: "agent",
            dry_run: false,
          },
        }),
      ),
    changes: [["messages", id]],
    failed: words.message.reactFailed,
  });
  const write = (next: string) => {
    setText(next);
    if (next === "") drafts.delete(id);
    else drafts.set(id, next);
  };
  const all = list.rows.toReversed();
  const { said, own } = withoutReactions(all);
  const ids = new Set(all.map((each) => each.id));
  const waiting = sending.waiting.filter(
    ({ messageId }) => messageId === null || !ids.has(messageId),
  );
  const isShown = waiting.length < sending.waiting.length;
  useEffect(() => {
    if (isShown) sending.shown(ids);
  });
  const last = said.at(-1);
  useActs([
    {
      key: "w",
      does: words.why.what,
      isQuiet: true,
      run: () => {
        if (last && seesEvents) setSearch({ why: last.id }, { push: true });
      },
    },
  ]);
  if (list.error) return <Failed what={words.thread} error={list.error} onAgain={list.reload} />;
  const reacts = channel.kind !== "sms";
  return (
    <>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
        tabIndex={0}
        role="log"
        aria-label={words.thread}
        className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto px-5 -outline-offset-2 phone:px-3"
      >
        <ol className="flex flex-col gap-1.75 pt-4 pb-4">
          {list.hasMore && (
            <li className="self-center">
              <Button size="sm" onClick={list.loadMore}>
                {words.earlier}
              </Button>
            </li>
          )}
          {said.length === 0 && waiting.length === 0 && !list.isLoading && (
            <li className="self-center text-fg-3">{words.noMessages}</li>
          )}
          {said.map((message, n) => (
            <DayLine key={message.id} before={said[n - 1]} message={message} of={conversation}>
              <Bubble
                message={message}
                emojis={[
                  ...reactions
                    .filter(({ messageId }) => messageId === message.id)
                    .map(({ emoji }) => emoji),
                  ...(own.has(message.id) ? [own.get(message.id) ?? ""] : []),
                ]}
                quoted={all.find((each) => each.id === message.quoted?.message_id)}
                isChosen={why === message.id}
                onWhy={
                  seesEvents
                    ? () =>
                        setSearch(
                          { why: why === message.id ? undefined : message.id },
                          { push: true },
                        )
                    : null
                }
                onReact={
                  reacts && message.direction === "inbound" && message.provider_id !== null
                    ? (emoji) => void react.run({ messageId: message.id, emoji })
                    : null
                }
                onAgain={write}
                onFileAgain={(file) => sending.send([file])}
              />
            </DayLine>
          ))}
          {waiting.map((each) => (
            <NotYet
              key={each.key}
              waiting={each}
              onAgain={() => {
                const { refused, file } = each;
                if (file !== null || (refused !== null && mayHaveGone(refused)))
                  return sending.again(each.key);
                sending.drop(each.key);
                if (each.wish.text !== undefined) write(each.wish.text);
              }}
              onDismiss={() => sending.drop(each.key)}
            />
          ))}
          <WindowLine conversation={conversation} />
        </ol>
      </div>
      <Composer conversation={conversation} text={text} onText={write} onSend={sending.send} />
    </>
  );
}

/** Our own reactions stand on what they are about, the last of each; the rest is said. */
function withoutReactions(all: readonly Message[]): {
  said: Message[];
  own: ReadonlyMap<string, string>;
} {
  const own = new Map<string, string>();
  const said = all.filter(({ content, status }) => {
    const target = textOf(content, "target_message_id");
    if (content.type !== "reaction" || target === null || status === "failed") return true;
    const emoji = textOf(content, "emoji");
    if (emoji === null) own.delete(target);
    else own.set(target, emoji);
    return !all.some((each) => each.id === target);
  });
  return { said, own };
}
