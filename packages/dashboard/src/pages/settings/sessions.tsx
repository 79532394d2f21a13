import { useQuery } from "@tanstack/react-query";
import { Button } from "../../parts/controls/button.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Ago } from "../../parts/values/time.tsx";
import { settingsWords } from "../../words/index.ts";
import { Group } from "./group.tsx";
import { askAccount, ownSessionQuery, type Session, sessionsQuery } from "./own-account.ts";
import { browserOf } from "./user-agent.ts";

const words = settingsWords.sessions;

/** Where you are signed in. */
export function Sessions() {
  const own = useQuery(ownSessionQuery);
  const { data, error, refetch } = useQuery(sessionsQuery);
  const end = useAct({
    does: (token: string) => askAccount("revoke-session", { token }),
    changes: [["own"]],
    failed: words.failed,
    done: () => ({ fact: words.ended }),
  });
  const endOthers = useAct({
    does: () => askAccount("revoke-other-sessions", {}),
    changes: [["own"]],
    failed: words.failed,
    done: () => ({ fact: words.othersEnded }),
  });
  const here = own.data?.session.id;
  const sessions = data?.toSorted((a, b) => (a.id === here ? -1 : b.id === here ? 1 : 0));
  return (
    <Group
      title={words.title}
      note={words.note}
      end={
        <Button
          busy={endOthers.isBusy}
          refusal={(sessions?.length ?? 0) < 2 ? words.only : null}
          onClick={() => void endOthers.run()}
        >
          {words.endOthers}
        </Button>
      }
    >
      {error && !data && <Failed what={words.title} error={error} onAgain={() => void refetch()} />}
      {!sessions && !error && <Skeleton widths={[280, 260]} />}
      {sessions && (
        <ul aria-label={words.label}>
          {sessions.map((session) => (
            <Line
              key={session.id}
              session={session}
              isHere={session.id === here}
              busy={end.isBusy}
              onEnd={() => void end.run(session.token)}
            />
          ))}
        </ul>
      )}
    </Group>
  );
}

function Line({
  session: { userAgent, ipAddress, createdAt },
  isHere,
  busy,
  onEnd,
}: {
  session: Session;
  isHere: boolean;
  busy: boolean;
  onEnd(): void;
}) {
  const browser = browserOf(userAgent);
  return (
    <li className="flex min-h-(--row-tall) items-center gap-3 border-b border-border-subtle py-1.5 last:border-0">
      <span className="min-w-0 flex-1">
        <span className="block truncate" title={userAgent ?? undefined}>
          <span className="font-medium">{browser}</span>
          {isHere && <span className="ml-1.5 text-xs text-accent">{words.this}</span>}
        </span>
        <span className="block truncate text-xs text-fg-3">
          {words.since} <Ago at={createdAt} />
          {ipAddress !== null && ipAddress !== "" && <code className="ml-2">{ipAddress}</code>}
        </span>
      </span>
      {!isHere && (
        <Button size="sm" busy={busy} aria-label={words.name(browser)} onClick={onEnd}>
          {words.end}
        </Button>
      )}
    </li>
  );
}
