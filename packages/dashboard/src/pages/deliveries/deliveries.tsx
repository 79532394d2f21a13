import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useMemo } from "react";
import { api, taken } from "../../api/client.ts";
import { PAGE_ROWS, useList } from "../../api/list.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { Split } from "../../parts/dialogs/drawer.tsx";
import { Empty } from "../../parts/lists/blank.tsx";
import { FilterBar } from "../../parts/lists/filter-bar.tsx";
import { ListFoot } from "../../parts/lists/list-foot.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { number } from "../../words/format.ts";
import { deliveryWords } from "../../words/index.ts";
import { chipsOf, typesOf, useAsked } from "./asked.ts";
import { deliveryColumns } from "./columns.tsx";
import { DeliveryDrawer } from "./delivery-drawer.tsx";
import { DeliveryTable } from "./delivery-table.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { deliveryFilterList, stateFilter } from "./filters.tsx";
import { DeliveryBulk, deliveryKeys, useAsking, useStep } from "./list-view.tsx";
import { useFresh } from "./live-list.ts";
import { useEndpoints } from "./queries.ts";
import { ReplayDialog } from "./replay-dialog.tsx";
import { type DeliveriesAddress, deliveriesSearch } from "./search.ts";

const STATES = ["pending", "delivered", "dead", "cancelled"] as const;

export function Page() {
  const [search, setSearch] = useAddress(deliveriesSearch);
  const endpoints = useEndpoints();
  const { state, query, list, hasFilters } = useDeliveries(search);
  const columns = useMemo(() => deliveryColumns(endpoints), [endpoints]);
  const filters = useMemo(() => [stateFilter, ...deliveryFilterList(endpoints)], [endpoints]);
  const step = useStep(list, search.open, search);
  const { fresh, show, hover } = useFresh(list, { isOpen: search.open !== undefined });
  const { isAsking, ask, done } = useAsking();
  const endpoint = search.endpoint === undefined ? undefined : endpoints.get(search.endpoint);
  const refusal =
    state === "pending"
      ? deliveryWords.replay.isPending
      : search.endpoint === undefined && state !== "dead"
        ? deliveryWords.replay.needsEndpoint
        : null;
  useActs([
    { key: "Shift+R", does: deliveryWords.replay.button, icon: RotateCw, refusal, run: ask },
  ]);
  const clear = () =>
    setSearch(Object.fromEntries(filters.map(({ id }) => [id, undefined])) as DeliveriesAddress);
  return (
    <Split
      drawer={
        search.open !== undefined && (
          <DeliveryDrawer
            key="drawer"
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
      <PageHead title={deliveryWords.title} summary={<Summary />}>
        <ExportMenu query={query} />
        <Button
          kind={search.open === undefined ? "primary" : "plain"}
          icon={RotateCw}
          keys="⇧R"
          needs="deliveries:write"
          refusal={refusal}
          onClick={ask}
        >
          {deliveryWords.replay.button}
        </Button>
      </PageHead>
      <FilterBar
        filters={filters}
        values={search}
        onChange={(id, value) => setSearch({ [id]: value } as DeliveriesAddress)}
        fresh={fresh}
        onFresh={show}
        views={{
          list: "deliveries",
          onChoose: (view) => setSearch(view as DeliveriesAddress, { push: true }),
        }}
      />
      <div className="flex min-h-0 flex-1 flex-col" {...hover}>
        <DeliveryTable
          label={deliveryWords.title}
          to="/deliveries"
          search={search}
          list={list}
          columns={columns}
          endpoints={endpoints}
          hasFilters={hasFilters}
          onClear={clear}
          empty={
            <Empty
              title={deliveryWords.empty.title}
              act={<ButtonLink to="/simulator">{deliveryWords.empty.act}</ButtonLink>}
            >
              {deliveryWords.empty.text}
            </Empty>
          }
        />
      </div>
      <DeliveryBulk list={list} />
      <ListFoot list={list} more={deliveryKeys} />
      {isAsking && (
        <ReplayDialog
          wish={{
            endpointId: search.endpoint,
            state: state === "pending" ? undefined : state,
            types: typesOf(search),
            since: query.since,
          }}
          endpoint={endpoint}
          which={chipsOf(search, search.state ?? "dead", endpoint?.name)}
          onClose={done}
        />
      )}
    </Split>
  );
}

function useDeliveries(search: DeliveriesAddress) {
  const state = STATES.find((each) => each === search.state);
  const query = { ...useAsked(search), ...(state === undefined ? {} : { state }) };
  const list = useList(["deliveries", query], (cursor, signal) =>
    taken(
      api.GET("/v1/deliveries", {
        params: { query: { limit: PAGE_ROWS, ...query, ...cursor } },
        signal,
      }),
    ),
  );
  return { state, query, list, hasFilters: Object.keys(query).length > 0 };
}

/** What is on its way and what is dead, of the ledger. */
function Summary() {
  const { data } = useQuery({
    queryKey: ["ledger", "summary"],
    queryFn: () => taken(api.GET("/v1/ledger", { params: { query: { limit: 1 } } })),
    refetchInterval: 10_000,
  });
  if (!data) return null;
  return <>{deliveryWords.summary(number(data.totals.pending), number(data.totals.dead))}</>;
}
