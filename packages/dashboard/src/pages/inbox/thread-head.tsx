import { Link } from "@tanstack/react-router";
import { ArrowLeft, Check, CheckCheck, Ellipsis, RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { api, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { cx } from "../../parts/class-names.ts";
import { Button, buttonClass, IconButton } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { OnDemand } from "../../parts/late/on-demand.tsx";
import { PageTitle } from "../../parts/page-head.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { inboxWords } from "../../words/index.ts";
import { Disc } from "./person/disc.tsx";
import { nameOf } from "./person/person.ts";
import type { Conversation } from "./queries.ts";

const MoreActs = fetched(() => import("./more-acts.tsx").then((it) => it.MoreActs));

const words = inboxWords;

/** With whom, where, and what can be done with the conversation. */
export function ThreadHead({
  conversation,
  children,
}: {
  conversation: Conversation;
  children: ReactNode;
}) {
  const { id, contact, channel, status } = conversation;
  const name = nameOf(contact, channel.kind);
  const move = (action: "resolve" | "reopen", failed: string) => ({
    does: () => act(id, action),
    changes: [["conversations"], ["conversation", id]],
    failed,
  });
  const resolve = useAct({
    ...move("resolve", words.acts.resolving),
    done: () => ({ fact: words.acts.resolved, consequence: words.acts.resolvedThen }),
  });
  const reopen = useAct(move("reopen", words.acts.reopenFailed));
  const markRead = useAct({
    does: () => act(id, "mark_read"),
    changes: [],
    failed: words.acts.markReadFailed,
    done: () => ({ fact: words.acts.markReadDone }),
  });
  const may = useMay("messages:send");
  const isClosed = status === "closed";
  useActs([
    {
      key: "e",
      does: isClosed ? words.acts.reopen : words.acts.resolve,
      icon: isClosed ? RotateCcw : Check,
      refusal: may.may ? null : may.reason,
      run: () => void (isClosed ? reopen : resolve).run(),
    },
    ...(channel.kind === "sms"
      ? []
      : [
          {
            does: words.acts.markRead,
            icon: CheckCheck,
            refusal: may.may ? null : may.reason,
            run: () => void markRead.run(),
          },
        ]),
  ]);
  return (
    <div className="flex min-h-13 flex-none items-center gap-2.5 border-b border-border pr-3 pl-5 phone:pl-1.5">
      <Link
        to="/inbox"
        search={((was: object) => ({ ...was, why: undefined })) as never}
        aria-label={words.back}
        className={cx(buttonClass("quiet"), "hidden! px-2! phone:inline-flex!")}
      >
        <ArrowLeft size={16} strokeWidth={1.75} aria-hidden />
      </Link>
      <Disc name={name} />
      <div className="min-w-0 leading-4.5">
        <div className="[&_h1]:truncate [&_h1]:text-sm [&_h1]:whitespace-nowrap">
          <PageTitle name={name}>
            <span title={name}>{name}</span>
          </PageTitle>
        </div>
        <p className="truncate text-xs text-fg-3">
          {[channel.name, status === "open" ? null : words.status[status]]
            .filter(Boolean)
            .join(", ")}
        </p>
      </div>
      <span className="ml-auto flex flex-none items-center gap-1">
        {isClosed ? (
          <Button
            icon={RotateCcw}
            keys="E"
            needs="messages:send"
            busy={reopen.isBusy}
            onClick={() => void reopen.run()}
          >
            {words.acts.reopen}
          </Button>
        ) : (
          <Button
            icon={Check}
            keys="E"
            needs="messages:send"
            busy={resolve.isBusy}
            onClick={() => void resolve.run()}
          >
            {words.acts.resolve}
          </Button>
        )}
        <OnDemand
          face={<IconButton icon={Ellipsis} label={words.acts.more} />}
          open={(trigger) => (
            <MoreActs
              trigger={trigger}
              refusal={channel.kind === "sms" ? words.acts.noReadMarks : null}
              onMarkRead={() => void markRead.run()}
            />
          )}
        />
        {children}
      </span>
    </div>
  );
}

function act(conversationId: string, action: "resolve" | "reopen" | "mark_read") {
  return taken(
    api.POST("/v1/send", {
      body: { conversation_id: conversationId, action, actor: "agent", dry_run: false },
    }),
  );
}
