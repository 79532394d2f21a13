import { useParams } from "@tanstack/react-router";
import { cx } from "../../parts/class-names.ts";
import { inboxWords } from "../../words/index.ts";
import { ConversationList } from "./conversation-list.tsx";
import { useFollowing } from "./follow.ts";
import { Thread } from "./thread.tsx";

/** Who waits for a human? May I still write freely? Who is answering? */
export function Page() {
  const { id } = useParams({ strict: false });
  useFollowing();
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[312px_minmax(0,1fr)] phone:grid-cols-[minmax(0,1fr)]">
      <section
        aria-label={inboxWords.conversations}
        className={cx(
          "flex min-h-0 min-w-0 flex-col border-r border-border phone:border-r-0",
          id !== undefined && "phone:hidden",
        )}
      >
        <ConversationList openId={id ?? null} />
      </section>
      {id === undefined ? (
        <div className="grid content-center px-10 text-center phone:hidden">
          <h2 className="text-md font-strong">{inboxWords.choose.title}</h2>
          <p className="mt-1 text-fg-3">{inboxWords.choose.text}</p>
        </div>
      ) : (
        <Thread key={id} id={id} />
      )}
    </div>
  );
}
