import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useNamed } from "../../parts/crumb.ts";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { eventWords } from "../../words/index.ts";
import { EventView, eventQuery, eventVerdict } from "./event-view.tsx";
import { ExpungeAct } from "./expunge.tsx";

/** One event as a page. */
export function Page() {
  const { id = "" } = useParams({ strict: false }) as { id?: string }; // of the path
  const { data: event, error, refetch } = useQuery(eventQuery(id));
  useNamed(event?.type);
  if (!event) {
    return (
      <>
        <PageHead title={eventWords.one} />
        {error ? (
          <Failed what={eventWords.one} error={error} onAgain={() => void refetch()} />
        ) : (
          <Skeleton widths={[320, 260, 380]} />
        )}
      </>
    );
  }
  return (
    <div className="page-gutter min-h-0 flex-1 overflow-auto">
      <PageHead
        title={<code className="text-md">{event.type}</code>}
        name={event.type}
        summary={eventVerdict(event)}
      >
        <ExpungeAct event={event} />
      </PageHead>
      <div className="max-w-[920px]">
        <h2 className="sr-only">{eventWords.deliveries}</h2>
        <EventView event={event} />
      </div>
    </div>
  );
}
