import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useMemo } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Split } from "../../parts/dialogs/drawer.tsx";
import { Empty } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import type { Column } from "../../parts/lists/row-table.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { number } from "../../words/format.ts";
import { deadLetterWords, deliveryWords, partWords } from "../../words/index.ts";
import { chipsOf, typesOf, useAsked } from "../deliveries/asked.ts";
import { wayColumns } from "../deliveries/columns.tsx";
import { DeliveryDrawer } from "../deliveries/delivery-drawer.tsx";
import { DeliveryTable } from "../deliveries/delivery-table.tsx";
import { deliveryFilterList } from "../deliveries/filters.tsx";
import { DeliveryBulk, deliveryKeys, useAsking, useStep } from "../deliveries/list-view.tsx";
import { type Delivery, type Endpoint, useEndpoints } from "../deliveries/queries.ts";
import { ReplayDialog, type ReplayWish } from "../deliveries/replay-dialog.tsx";
import { Causes, causesQuery } from "./causes.tsx";
import { type DeadLettersAddress, deadLettersSearch } from "./search.ts";

/** On a phone it has a line of its own, which does not come later than the rows below it. */
const ROOM_FOR_TEXT = "\u00a0";

export function Page() {
  const [search, setSearch] = useAddress(deadLettersSearch);
  const endpoints = useEndpoints();
  const { list, wish, hasFilters } = useDeadLetters(search);
  const columns = useMemo(() => columnsWith(endpoints), [endpoints]);
  const filters = useMemo(() => deliveryFilterList(endpoints), [endpoints]);
  const step = useStep(list, search.open, search);
  const { isAsking, ask, done } = useAsking();
  const { data: causes } = useQuery(causesQuery);
  const endpoint = search.endpoint === undefined ? undefined : endpoints.get(search.endpoint);
  const met = causes?.data.filter(
    ({ endpoint_id: id }) => search.endpoint === undefined || id === search.endpoint,
  );
  const count = met?.reduce((sum, each) => sum + each.count, 0) ?? null;
  const refusal = count === 0 ? deadLetterWords.none : null;
  useActs([
    { key: "Shift+R", does: deliveryWords.replay.button, icon: RotateCw, refusal, run: ask },
  ]);
  const clear = () =>
    setSearch(Object.fromEntries(filters.map(({ id }) => [id, undefined])) as DeadLettersAddress);
  return (
    <Split
      drawer={
        search.open !== undefined && (
          <DeliveryDrawer
            id={search.open}
            endpoints={endpoints}
            attempt={search.attempt}
            onAttempt={(n) => setSearch({ attempt: String(n) })}
            onClose={() => setSearch({ open: undefined, attempt: undefined })}
            onStep={step}
          />
        )
      }
    >
      <PageHead
        title={deadLetterWords.title}
        summary={
          causes === undefined
            ? ROOM_FOR_TEXT
            : causes.data.length === 0
              ? deadLetterWords.none
              : deadLetterWords.summary(
                  number(causes.data.reduce((sum, each) => sum + each.count, 0)),
                  causes.data.length,
                )
        }
      >
        <Button
          kind={search.open === undefined ? "primary" : "plain"}
          icon={RotateCw}
          keys="⇧R"
          needs="deliveries:write"
          refusal={refusal}
          onClick={ask}
        >
          {count === null || count === 0
            ? deliveryWords.replay.button
            : `${deliveryWords.replay.does(number(count))}…`}
        </Button>
      </PageHead>
      <Causes
        endpoints={endpoints}
        chosen={search.endpoint}
        onChoose={(id) => setSearch({ endpoint: id })}
      />
      <FilterBar
        filters={filters}
        values={search}
        onChange={(id, value) => setSearch({ [id]: value } as DeadLettersAddress)}
      />
      <DeliveryTable
        label={deadLetterWords.title}
        to="/dead-letters"
        search={search}
        list={list}
        columns={columns}
        endpoints={endpoints}
        hasFilters={hasFilters}
        onClear={clear}
        empty={<Empty title={deadLetterWords.empty.title}>{deadLetterWords.empty.text}</Empty>}
      />
      <DeliveryBulk list={list} matching={hasFilters ? null : count} onReplayAll={ask} />
      <ListFoot list={list} more={deliveryKeys} total={hasFilters ? null : count} />
      {isAsking && (
        <ReplayDialog
          wish={wish}
          endpoint={endpoint}
          which={chipsOf(search, partWords.states.dead, endpoint?.name)}
          onClose={done}
        />
      )}
    </Split>
  );
}

function useDeadLetters(search: DeadLettersAddress) {
  const query = useAsked(search);
  const list = useList<Delivery>(["dead-letters", "list", query], (cursor, signal) =>
    taken(
      api.GET("/v1/dead-letters", {
        params: { query: { limit: PAGE_ROWS, ...query, ...cursor } },
        signal,
      }),
    ),
  );
  const wish: ReplayWish = {
    endpointId: search.endpoint,
    state: "dead",
    types: typesOf(search),
    since: query.since,
  };
  return { list, wish, hasFilters: Object.keys(query).length > 0 };
}

function columnsWith(endpoints: ReadonlyMap<string, Endpoint>): readonly Column<Delivery>[] {
  const { columns } = deadLetterWords;
  return [
    {
      id: "event",
      head: columns.event,
      cell: (row) => (
        <span className="inline-flex items-center gap-1.75 align-middle">
          <span className="text-dead">
            <Glyph of="dead" />
          </span>
          <code className="truncate text-xs">{row.event_type}</code>
        </span>
      ),
    },
    ...wayColumns(endpoints),
    {
      id: "died",
      head: columns.died,
      width: 116,
      align: "right",
      from: 560,
      cell: (row) =>
        row.last_at === null ? partWords.none : <Moment at={row.last_at} className="text-fg-2" />,
    },
  ];
}
