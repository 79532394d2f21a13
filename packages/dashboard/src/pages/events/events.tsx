import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useAddress } from "../../parts/address.ts";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { Drawer, Split } from "../../parts/dialogs/drawer.tsx";
import { Empty, Failed, NoMatch, Skeleton } from "../../parts/lists/blank.tsx";
import { type Filter, FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Age, Moment } from "../../parts/values/time.tsx";
import { deliveryWords, eventWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { channelOptions, rangeOptions } from "../deliveries/filters.tsx";
import { From } from "../deliveries/from.tsx";
import { useStep } from "../deliveries/list-view.tsx";
import { useFresh } from "../deliveries/live-list.ts";
import { sinceOf } from "../deliveries/search.ts";
import { EventView, eventQuery, eventVerdict } from "./event-view.tsx";
import { type EventsAddress, eventsSearch } from "./search.ts";

type Listed = Shape<"ListedEvent">;

const FRESH_MS = 4_000;

export function Page() {
  const [search, setSearch] = useAddress(eventsSearch);
  const { list, hasFilters } = useEvents(search);
  const queries = useQueryClient();
  const step = useStep(list, search.open, search);
  const { fresh, show, hover } = useFresh(list, { isOpen: search.open !== undefined });
  const clear = () =>
    setSearch(Object.fromEntries(FILTERS.map(({ id }) => [id, undefined])) as EventsAddress);
  return (
    <Split
      drawer={
        search.open !== undefined && (
          <EventDrawer
            id={search.open}
            onClose={() => setSearch({ open: undefined })}
            onStep={step}
          />
        )
      }
    >
      <PageHead title={eventWords.title} summary={eventWords.summary}>
        <ButtonLink to="/event-types">{eventWords.tabs.catalogue}</ButtonLink>
      </PageHead>
      <FilterBar
        filters={FILTERS}
        values={search}
        onChange={(id, value) => setSearch({ [id]: value } as EventsAddress)}
        fresh={fresh}
        onFresh={show}
        views={{
          list: "events",
          onChoose: (view) => setSearch(view as EventsAddress, { push: true }),
        }}
      />
      <div className="flex min-h-0 flex-1 flex-col" {...hover}>
        <RowTable
          label={eventWords.title}
          list={list}
          columns={COLUMNS}
          idOf={({ id }) => id}
          nameOf={(row) =>
            eventWords.rowName(row.type, row.from?.name ?? partWords.none, row.occurred_at)
          }
          linkOf={({ id }) => ({ to: "/events", search: { ...search, open: id } })}
          phone={(row) => <PhoneEvent row={row} />}
          openId={search.open ?? null}
          isFresh={(row) => now() - Date.parse(row.occurred_at) < FRESH_MS}
          onNear={({ id }) => void queries.prefetchQuery(eventQuery(id))}
          empty={
            hasFilters ? (
              <NoMatch
                title={eventWords.noMatch}
                remove={deliveryWords.removeFilters}
                onRemove={clear}
              >
                {deliveryWords.noMatchText}
              </NoMatch>
            ) : (
              <Empty
                title={eventWords.empty.title}
                act={<ButtonLink to="/simulator">{eventWords.empty.act}</ButtonLink>}
              >
                {eventWords.empty.text}
              </Empty>
            )
          }
        />
      </div>
      <ListFoot list={list} />
    </Split>
  );
}

const FILTERS: readonly Filter[] = [
  { id: "type", label: eventWords.filters.type, placeholder: deliveryWords.typePlaceholder },
  { id: "channel", label: eventWords.filters.channel, options: channelOptions },
  { id: "range", label: eventWords.filters.range, options: rangeOptions },
  {
    id: "conversation",
    label: eventWords.filters.conversation,
    placeholder: deliveryWords.conversationPlaceholder,
  },
  { id: "message", label: eventWords.filters.message, placeholder: eventWords.messagePlaceholder },
];

const COLUMNS: readonly Column<Listed>[] = [
  {
    id: "at",
    head: eventWords.columns.at,
    width: 130,
    cell: (row) => <Moment at={row.occurred_at} className="tnum text-fg-2" />,
  },
  {
    id: "type",
    head: eventWords.columns.type,
    cell: (row) => <code className="text-xs">{row.type}</code>,
  },
  {
    id: "from",
    head: eventWords.columns.from,
    width: 260,
    from: 560,
    cell: (row) => <From from={row.from} />,
  },
  {
    id: "seq",
    head: eventWords.columns.seq,
    width: 140,
    align: "right",
    from: 760,
    cell: (row) => row.seq ?? <span className="text-fg-3">{partWords.none}</span>,
  },
];

function PhoneEvent({ row }: { row: Listed }) {
  return (
    <span className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 py-2">
      <code className="truncate text-xs">{row.type}</code>
      <Age at={row.occurred_at} className="justify-self-end text-fg-3" />
      <span className="min-w-0 truncate text-fg-2">
        <From from={row.from} />
      </span>
    </span>
  );
}

function useEvents({ type, channel, conversation, message, range }: EventsAddress) {
  const since = useMemo(() => sinceOf(range, now()), [range]);
  const query = {
    ...(type === undefined ? {} : { type }),
    ...(channel === undefined ? {} : { channel }),
    ...(conversation === undefined ? {} : { conversation_id: conversation }),
    ...(message === undefined ? {} : { message_id: message }),
    ...(since === undefined ? {} : { since }),
  };
  const list = useList<Listed>(["events", query], (cursor, signal) =>
    taken(
      api.GET("/v1/events", {
        params: { query: { limit: PAGE_ROWS, ...query, ...cursor } },
        signal,
      }),
    ),
  );
  return { list, hasFilters: Object.keys(query).length > 0 };
}

function EventDrawer({
  id,
  onClose,
  onStep,
}: {
  id: string;
  onClose(): void;
  onStep(by: 1 | -1): void;
}) {
  const { data: event, error, refetch } = useQuery(eventQuery(id));
  const frame = { label: eventWords.one, onClose, onStep };
  if (!event) {
    return (
      <Drawer {...frame} heading={eventWords.one}>
        {error ? (
          <Failed what={eventWords.one} error={error} onAgain={() => void refetch()} />
        ) : (
          <Skeleton widths={[320, 260, 380]} />
        )}
      </Drawer>
    );
  }
  return (
    <Drawer
      {...frame}
      page={{ to: "/events/$id", params: { id } }}
      heading={<code className="truncate text-sm">{event.type}</code>}
      verdict={eventVerdict(event)}
    >
      <EventView event={event} />
    </Drawer>
  );
}
