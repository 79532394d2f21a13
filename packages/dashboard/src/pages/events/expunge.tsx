import { useQuery } from "@tanstack/react-query";
import { Eraser } from "lucide-react";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { Section } from "../../parts/dialogs/drawer.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Note } from "../../parts/values/note.tsx";
import { Ago } from "../../parts/values/time.tsx";
import { eventWords } from "../../words/index.ts";
import { actorOf } from "../audit-log/change.ts";
import { changedByReplays } from "../deliveries/replay-one.ts";

const words = eventWords.expunge;
const SCOPE = "events:expunge";

/** Takes an event's body for good. Who may not do it sees nothing of it, nor does anybody once it is done. */
export function ExpungeAct({ event }: { event: Shape<"EventDetail"> }) {
  const { scopes } = useMe();
  const [isAsking, setAsking] = useState(false);
  const { id, type, deliveries } = event;
  const expunge = useAct({
    does: () => taken(api.POST("/v1/events/{id}/expunge", { params: { path: { id } } })),
    changes: [["event", id], ["events"], ["why", id], ["audit-log"], ...changedByReplays],
    failed: words.failed,
    done: ({ cancelled }) => ({
      fact: words.done,
      ...(cancelled === 0 ? {} : { consequence: words.cancelled(cancelled) }),
    }),
    onDone: () => setAsking(false),
  });
  if (event.body_expunged || !scopes.includes(SCOPE)) return null;
  const waiting = deliveries.filter(({ state }) => state === "pending").length;
  return (
    <>
      <Button kind="danger-quiet" icon={Eraser} onClick={() => setAsking(true)}>
        {words.act}
      </Button>
      <Confirm
        open={isAsking}
        onClose={() => setAsking(false)}
        danger
        title={words.title(type)}
        text={words.text}
        does={words.does}
        keep={words.keep}
        needs={SCOPE}
        busy={expunge.isBusy}
        call={{ method: "POST", path: `/v1/events/${id}/expunge` }}
        onConfirm={() => void expunge.run()}
      >
        {waiting > 0 && <p className="text-fg-2">{words.waiting(waiting)}</p>}
        <p className="text-fg-2">{words.inbox}</p>
      </Confirm>
    </>
  );
}

/** That the body is gone and, for those who read the audit log, who asked for it and when. */
export function ExpungedNote({ eventId }: { eventId: string }) {
  const { scopes } = useMe();
  const { data } = useQuery({
    queryKey: ["audit-log", "of", eventId],
    queryFn: () =>
      taken(api.GET("/v1/audit-log", { params: { query: { object_id: eventId, limit: 100 } } })),
    enabled: scopes.includes("audit_log:read"),
  });
  // To ask again changes nothing: the first one counts. None: it went with its day.
  const first = data?.data.findLast(({ path }) => path.endsWith("/expunge"));
  return (
    <Section>
      <Note>
        <b>{words.gone}</b>
        {first && (
          <>
            {" "}
            {words.askedFor(actorOf(first))}
            <Ago at={first.at} />.
          </>
        )}
      </Note>
    </Section>
  );
}
