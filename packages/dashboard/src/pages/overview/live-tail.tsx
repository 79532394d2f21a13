import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/me.ts";
import type { LiveEvent } from "../../live/stream.ts";
import { useLive } from "../../live/use-live.ts";
import { ChannelTile, isChannelKind } from "../../parts/values/channel.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { overviewWords } from "../../words/index.ts";
import { LATEST, latestEventsQuery } from "./queries.ts";

const words = overviewWords.live;

interface Told {
  id: string;
  type: string;
  at: string;
  kind: string | null;
  who: string | null;
}

/** What has just happened, and what comes. Silent for screen readers: it would never stop. */
export function LiveTail() {
  const { may } = useMay("events:read");
  const { data: latest, isError, refetch } = useQuery({ ...latestEventsQuery, enabled: may });
  const [heard, setHeard] = useState<readonly Told[]>([]);
  useLive(
    (event) => setHeard((was) => [toldBy(event), ...was].slice(0, LATEST)),
    () => void refetch(),
  );
  const known = new Set(heard.map(({ id }) => id));
  const before = (latest ?? [])
    .filter(({ id }) => !known.has(id))
    .map(({ id, type, occurred_at: at, from }) => ({
      ...{ id, type, at },
      ...{ kind: from?.channel_kind ?? null, who: from?.name ?? null },
    }));
  const events: Told[] = [...heard, ...before].slice(0, LATEST);
  return (
    <section aria-label={words.title}>
      <div className="flex h-10 items-center pr-6 pl-4">
        <h2 className="font-medium">{words.title}</h2>
        <Link to="/events" className="ml-auto text-accent hover:underline">
          {words.all}
        </Link>
      </div>
      {events.length === 0 && (latest !== undefined || isError) && (
        <p className="px-4 pb-4 text-fg-3">{latest === undefined ? words.unknown : words.none}</p>
      )}
      <ul>
        {events.map(({ id, type, at, kind, who }) => (
          <li key={id} className="border-t border-border-subtle">
            <Link
              to="/events/$id"
              params={{ id }}
              className="grid h-8.25 grid-cols-[64px_18px_minmax(0,1fr)_minmax(0,auto)] items-center gap-2.5 pr-6 pl-4 -outline-offset-2 hover:bg-surface-hover touch:h-11"
            >
              <Moment at={at} className="text-xs text-fg-3" />
              {kind !== null && isChannelKind(kind) ? <ChannelTile kind={kind} /> : <span />}
              <code className="truncate text-xs">{type}</code>
              <span className="truncate text-fg-3" title={who ?? undefined}>
                {who}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function toldBy({ id, type, body }: LiveEvent): Told {
  return {
    ...{ id, type, at: String(body["occurred_at"]) },
    kind: textIn(body["channel"], "kind"),
    who: textIn(body["contact"], "name"),
  };
}

function textIn(holder: unknown, name: string): string | null {
  if (typeof holder !== "object" || holder === null) return null;
  const value: unknown = Object.entries(holder).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : null;
}
