import { useQuery } from "@tanstack/react-query";
import { PanelRight } from "lucide-react";
import { useState } from "react";
import { isGone } from "../../api/problem.ts";
import { useAddress } from "../../parts/address.ts";
import { cx } from "../../parts/class-names.ts";
import { IconButton } from "../../parts/controls/button.tsx";
import { useNamed } from "../../parts/crumb.ts";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { inboxWords } from "../../words/index.ts";
import { Aside } from "./aside.tsx";
import { nameOf } from "./person/person.ts";
import { conversationQuery } from "./queries.ts";
import { Said } from "./said.tsx";
import { inboxSearch } from "./search.ts";
import { ThreadHead } from "./thread-head.tsx";

const words = inboxWords;

/** What was said, where, was it read, to which endpoints did it go and why not to others? */
export function Thread({ id }: { id: string }) {
  const { data: conversation, error, refetch } = useQuery(conversationQuery(id));
  const [{ why }, setSearch] = useAddress(inboxSearch);
  const [isAside, setAside] = useState(false);
  useNamed(conversation && nameOf(conversation.contact, conversation.channel.kind));
  if (error !== null && (!conversation || isGone(error)))
    return <Failed what={words.conversation} error={error} onAgain={() => void refetch()} />;
  if (!conversation) return <Skeleton widths={[180, 320, 260]} />;
  const isShown = isAside || why !== undefined;
  const close = () => {
    setAside(false);
    if (why !== undefined) setSearch({ why: undefined });
  };
  return (
    <div className="relative grid min-h-0 min-w-0 grid-cols-[minmax(0,1fr)] wide:grid-cols-[minmax(0,1fr)_var(--panel)]">
      <section aria-label={words.thread} className="flex min-h-0 min-w-0 flex-col">
        <ThreadHead conversation={conversation}>
          <span className="wide:hidden">
            <IconButton
              icon={PanelRight}
              label={words.contact.title}
              aria-pressed={isShown}
              onClick={() => (isShown ? close() : setAside(true))}
            />
          </span>
        </ThreadHead>
        <Said conversation={conversation} />
      </section>
      <section
        aria-label={words.contact.title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
        tabIndex={0}
        className={cx(
          "absolute inset-y-0 right-0 z-10 w-(--panel) max-w-full overflow-y-auto border-l border-border bg-surface shadow-3 -outline-offset-2 wide:static wide:block wide:shadow-none",
          !isShown && "hidden",
          "top-13! wide:top-0!",
        )}
      >
        <Aside conversation={conversation} whyMessage={why} />
      </section>
    </div>
  );
}
