import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { api, type Shape, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { HourBars } from "../../parts/charts/hours.tsx";
import { ButtonLink } from "../../parts/controls/button.tsx";
import { Empty, NoMatch } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { number, percent, took } from "../../words/format.ts";
import { endpointListWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { EndpointState, endpointState } from "./endpoint-state.tsx";
import { hoursOf, isFailing, sumOf } from "./health.ts";
import { endpointQuery, healthQuery } from "./queries.ts";
import { endpointsSearch } from "./search.ts";

type Endpoint = Shape<"Endpoint">;
type SearchedState = Endpoint["state"];

const words = endpointListWords;
const STATES: readonly SearchedState[] = ["enabled", "paused", "disabled", "pending"];

/** Which one is in trouble, since when, how much waits? */
export function Page() {
  const [{ state }, setSearch] = useAddress(endpointsSearch);
  const queries = useQueryClient();
  const navigate = useNavigate();
  useActs([
    {
      key: "n",
      does: words.create,
      icon: Plus,
      run: () => void navigate({ to: "/endpoints/new" }),
    },
  ]);
  const list = useList(["endpoints", { state }], (cursor) =>
    taken(
      api.GET("/v1/endpoints", {
        params: {
          query: { limit: PAGE_ROWS, ...cursor, ...(state === undefined ? {} : { state }) },
        },
      }),
    ),
  );
  return (
    <>
      <PageHead title={words.title}>
        <ButtonLink to="/endpoints/new" kind="primary" icon={Plus} keys="N">
          {words.create}
        </ButtonLink>
      </PageHead>
      <FilterBar
        filters={[
          {
            id: "state",
            label: words.filterState,
            options: STATES.map((value) => ({
              value,
              label: words.states[value],
              mark: <Glyph of={endpointState(value).of} size={12} />,
            })),
          },
        ]}
        values={{ state }}
        onChange={(_, value) => setSearch({ state: STATES.find((each) => each === value) })}
      />
      <RowTable
        label={words.title}
        list={list}
        columns={COLUMNS}
        idOf={({ id }) => id}
        nameOf={(row) => words.rowName(row.name, endpointState(row.state).word, row.dialect)}
        linkOf={({ id }) => ({ to: `/endpoints/${id}` })}
        onNear={({ id }) => void queries.prefetchQuery(endpointQuery(id))}
        phone={(row) => <PhoneRow row={row} />}
        empty={
          state === undefined ? (
            <Empty
              title={words.empty.title}
              act={<ButtonLink to="/endpoints/new">{words.create}</ButtonLink>}
            >
              {words.empty.text}
            </Empty>
          ) : (
            <NoMatch
              title={words.noMatch}
              remove={words.removeFilter}
              onRemove={() => setSearch({ state: undefined })}
            >
              {words.noMatchText(words.states[state])}
            </NoMatch>
          )
        }
      />
      <ListFoot list={list} />
    </>
  );
}

const COLUMNS: readonly Column<Endpoint>[] = [
  { id: "name", head: words.columns.name, cell: ({ name }) => <b title={name}>{name}</b> },
  {
    id: "dialect",
    head: words.columns.dialect,
    width: 108,
    cell: ({ dialect }) => <code className="text-xs text-fg-2">{dialect}</code>,
  },
  { id: "state", head: words.columns.state, width: 146, cell: (row) => <StateCell row={row} /> },
  {
    id: "url",
    head: words.columns.url,
    from: 1000,
    cell: ({ url }) => (
      <code className="text-xs text-fg-2" title={url}>
        {url}
      </code>
    ),
  },
  {
    id: "hours",
    head: words.columns.hours,
    width: 160,
    from: 760,
    cell: ({ id }) => <HoursCell id={id} />,
  },
  {
    id: "share",
    head: words.columns.share,
    width: 88,
    align: "right",
    cell: ({ id }) => <ShareCell id={id} />,
  },
  {
    id: "took",
    head: words.columns.took,
    width: 84,
    align: "right",
    from: 900,
    cell: ({ id }) => <TookCell id={id} />,
  },
  {
    id: "waiting",
    head: words.columns.waiting,
    width: 96,
    align: "right",
    cell: ({ id }) => <WaitingCell id={id} />,
  },
];

function StateCell({ row: { id, state } }: { row: Endpoint }) {
  const { data } = useQuery(healthQuery(id));
  return <EndpointState state={state} isFailing={isFailing(data)} />;
}

function HoursCell({ id }: { id: string }) {
  const { data } = useQuery(healthQuery(id));
  if (!data) return null;
  const { delivered, failed } = sumOf(data.hours);
  return (
    <HourBars
      hours={hoursOf(data, now())}
      label={words.hoursLabel(number(delivered), number(failed))}
    />
  );
}

function ShareCell({ id }: { id: string }) {
  const { data } = useQuery(healthQuery(id));
  const share = data ? sumOf(data.hours).share : null;
  return share === null ? partWords.none : percent(share);
}

function TookCell({ id }: { id: string }) {
  const { data } = useQuery(healthQuery(id));
  const averageMs = data ? sumOf(data.hours).averageMs : null;
  return <span className="text-fg-2">{averageMs === null ? partWords.none : took(averageMs)}</span>;
}

function WaitingCell({ id }: { id: string }) {
  const { data } = useQuery(healthQuery(id));
  return (
    <span className={data && data.waiting > 0 ? "text-retrying" : "text-fg-2"}>
      {number(data?.waiting ?? 0)}
    </span>
  );
}

function PhoneRow({ row }: { row: Endpoint }) {
  return (
    <div className="grid gap-0.5">
      <span className="flex items-center gap-2">
        <b className="truncate">{row.name}</b>
        <span className="ml-auto">
          <StateCell row={row} />
        </span>
      </span>
      <code className="truncate text-xs text-fg-3">{row.url}</code>
    </div>
  );
}
