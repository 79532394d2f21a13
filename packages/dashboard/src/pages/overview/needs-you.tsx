import { useQueries, useQuery } from "@tanstack/react-query";
import type { Shape } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { Glyph, type ShownState } from "../../parts/values/state.tsx";
import { number } from "../../words/format.ts";
import { overviewWords } from "../../words/index.ts";
import { isFailing } from "../endpoints/health.ts";
import { healthQuery } from "../endpoints/queries.ts";
import { endpointsQuery, troubledChannelsQuery, troubledEndpointsQuery } from "./queries.ts";

const words = overviewWords.needs;

interface Need {
  id: string;
  of: ShownState | "warning";
  colour: string;
  what: string;
  text: string;
  to: string;
}

/** What waits for a person, the worst first. */
export function NeedsYou({ dead }: { dead: number }) {
  const { may } = useMay("channels:read");
  const asked = [useQuery(troubledEndpointsQuery), useQuery(endpointsQuery)] as const;
  const askedChannels = useQuery({ ...troubledChannelsQuery, enabled: may });
  const [{ data: troubled = [] }, { data: newest = [] }] = asked;
  const { data: channels = [] } = askedChannels;
  const unknown = [...asked, ...(may ? [askedChannels] : [])].filter(({ data }) => !data);
  const known = new Set(troubled.map(({ id }) => id));
  const watched = [...troubled, ...newest.filter(({ id }) => !known.has(id))];
  const healths = useQueries({ queries: watched.map(({ id }) => healthQuery(id)) });
  const needs: Need[] = [
    ...(dead > 0 ? [deadLetters(dead)] : []),
    ...watched.flatMap((endpoint, n) => {
      const health = healths[n]?.data;
      // What the list beside it calls failing is told here too, before the server is sure of it.
      const isNew = endpoint.state === "enabled" && isFailing(health);
      return known.has(endpoint.id) || isNew ? [endpointInTrouble(endpoint, health)] : [];
    }),
    ...channels.map(channelInTrouble),
  ];
  return (
    <section aria-label={words.title} className="border-b border-border max-[1100px]:border-t">
      <h2 className="flex h-10 items-center gap-2.5 px-4 font-medium">
        {words.title}
        {needs.length > 0 && (
          <span className="tnum rounded-sm bg-surface-active px-1.5 text-2xs text-fg-2">
            {needs.length}
          </span>
        )}
      </h2>
      {needs.length === 0 && unknown.length === 0 && (
        <p className="px-4 pb-4 text-fg-3">{words.none}</p>
      )}
      {unknown.some(({ isError }) => isError) && (
        <p className="px-4 pb-4 text-fg-3">{words.unknown}</p>
      )}
      <ul>
        {needs.map(({ id, of, colour, what, text, to }) => (
          <li
            key={id}
            className="grid grid-cols-[14px_minmax(0,1fr)_auto] items-center gap-x-2.5 border-t border-border-subtle py-3 pr-6 pl-4"
          >
            <span className={`${colour} mt-0.75 self-start`}>
              <Glyph of={of} />
            </span>
            <span className="min-w-0">
              <b className="block truncate" title={what}>
                {what}
              </b>
              <span className="block text-xs text-fg-3">{text}</span>
            </span>
            <ButtonLink to={to}>{words.look}</ButtonLink>
          </li>
        ))}
      </ul>
    </section>
  );
}

function deadLetters(count: number): Need {
  const what = words.dead(number(count));
  const to = "/dead-letters";
  return { id: "dead", of: "dead", colour: "text-dead", what, text: words.deadText, to };
}

function endpointInTrouble(
  { id, name, state, state_reason: reason }: Shape<"Endpoint">,
  health: Shape<"EndpointHealth"> | undefined,
): Need {
  const at = { id, to: `/endpoints/${id}` };
  switch (state) {
    case "pending": {
      const what = words.pending(name);
      return { ...at, of: "pending", colour: "text-pending", what, text: words.pendingText };
    }
    case "paused": {
      const what = words.paused(name);
      return { ...at, of: "paused", colour: "text-paused", what, text: words.pausedText };
    }
    case "disabled": {
      const text = reason ?? words.disabledText;
      return { ...at, of: "dead", colour: "text-dead", what: words.disabled(name), text };
    }
    case "enabled": {
      const text = words.failingText(number(health?.waiting ?? 0));
      return { ...at, of: "retrying", colour: "text-retrying", what: words.failing(name), text };
    }
  }
}

function channelInTrouble({ id, name, state, state_reason: reason }: Shape<"Channel">): Need {
  const isPaused = state === "paused";
  return {
    ...{ id, to: `/channels/${id}`, of: "warning", colour: "text-retrying" },
    what: isPaused ? words.channelPaused(name) : words.channelRefused(name),
    text: reason ?? (isPaused ? words.channelPausedText : words.channelRefusedText),
  };
}
