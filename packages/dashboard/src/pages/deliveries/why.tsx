import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, taken } from "../../api/client.ts";
import { Dialog } from "../../parts/dialogs/dialog.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { Glyph, State } from "../../parts/values/state.tsx";
import { eventWords } from "../../words/index.ts";

/** Every endpoint: taken, with its outcome, or not, with the one reason. */
export function WhyDialog({ eventId, onClose }: { eventId: string; onClose(): void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={eventWords.why.title}
      text={eventWords.why.text}
      width={620}
    >
      <Why eventId={eventId} />
    </Dialog>
  );
}

export function Why({ eventId }: { eventId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["why", eventId],
    queryFn: () =>
      taken(
        api.GET("/v1/events/{id}/why", {
          params: { path: { id: eventId }, query: { limit: 100 } },
        }),
      ),
  });
  if (error)
    return <Failed what={eventWords.why.button} error={error} onAgain={() => void refetch()} />;
  if (!data) return <Skeleton widths={[240, 320, 280]} />;
  return (
    <>
      <ul className="grid">
        {data.data.map((row) => (
          <li
            key={row.endpoint_id}
            className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-t border-border-subtle py-2 first:border-0"
          >
            <b className="truncate font-medium">{row.endpoint_name}</b>
            {row.outcome === "left_out" ? (
              <span className="inline-flex items-center gap-1.75 text-fg-3">
                <Glyph of="cancelled" />
                {eventWords.why.leftOut}
              </span>
            ) : row.delivery_id === null ? (
              <State of={row.outcome} />
            ) : (
              <Link
                to="/deliveries/$id"
                params={{ id: row.delivery_id }}
                className="hover:underline"
              >
                <State of={row.outcome} />
              </Link>
            )}
            <span className="col-span-2 text-xs text-fg-3">{row.detail}</span>
          </li>
        ))}
      </ul>
      {data.has_more && <p className="pt-2 text-xs text-fg-3">{eventWords.why.more}</p>}
    </>
  );
}
