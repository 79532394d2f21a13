import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { List } from "../../api/list.ts";
import { NoMatch } from "../../parts/lists/blank.tsx";
import { type Column, RowTable } from "../../parts/lists/row-table.tsx";
import { deliveryWords, partWords } from "../../words/index.ts";
import { nameOfEndpoint, PhoneRow, stateOf } from "./columns.tsx";
import { type Delivery, deliveryQuery, type Endpoint } from "./queries.ts";

/** Deliveries, wherever they are listed: they can be selected, and each opens beside the list. */
export function DeliveryTable({
  label,
  to,
  search,
  list,
  columns,
  endpoints,
  hasFilters,
  onClear,
  empty,
}: {
  label: string;
  /** The list's page; its search is kept while a row is open. */
  to: string;
  search: Readonly<Record<string, string | undefined>>;
  list: List<Delivery>;
  columns: readonly Column<Delivery>[];
  endpoints: ReadonlyMap<string, Endpoint>;
  hasFilters: boolean;
  /** Takes the filters away. */
  onClear(): void;
  /** Shown where there is none at all. */
  empty: ReactNode;
}) {
  const queries = useQueryClient();
  return (
    <RowTable
      label={label}
      list={list}
      columns={columns}
      idOf={({ id }) => id}
      nameOf={(row) =>
        deliveryWords.rowName(
          partWords.states[stateOf(row, endpoints)],
          row.event_type,
          nameOfEndpoint(row.endpoint_id, endpoints),
        )
      }
      linkOf={({ id }) => ({ to, search: { ...search, open: id, attempt: undefined } })}
      phone={(row) => <PhoneRow row={row} endpoints={endpoints} />}
      selects
      openId={search["open"] ?? null}
      onNear={({ id }) => void queries.prefetchQuery(deliveryQuery(id))}
      empty={
        hasFilters ? (
          <NoMatch
            title={deliveryWords.noMatch}
            remove={deliveryWords.removeFilters}
            onRemove={onClear}
          >
            {deliveryWords.noMatchText}
          </NoMatch>
        ) : (
          empty
        )
      }
    />
  );
}
