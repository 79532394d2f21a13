import { useMemo } from "react";
import type * as z from "zod/mini";
import { deliveryWords, partWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { type deliveryFilters, sinceOf } from "./search.ts";

type Address = {
  [Name in keyof typeof deliveryFilters]?: z.output<(typeof deliveryFilters)[Name]>;
};

/** What the address asks of a list of deliveries, as the API takes it. */
export function useAsked({ endpoint, type, channel, conversation, q, range }: Address) {
  const since = useMemo(() => sinceOf(range, now()), [range]);
  return {
    ...(endpoint === undefined ? {} : { endpoint_id: endpoint }),
    ...(type === undefined ? {} : { type }),
    ...(channel === undefined ? {} : { channel }),
    ...(conversation === undefined ? {} : { conversation_id: conversation }),
    ...(since === undefined ? {} : { since }),
    ...(q === undefined ? {} : { q }),
  };
}

/** Its types, one by one. */
export function typesOf({ type }: Address): string[] | undefined {
  return type?.split(",").map((each) => each.trim());
}

/** What a replay by filter says of whom it takes. */
export function chipsOf(
  { type, range }: Address,
  state: string,
  endpoint: string | undefined,
): string[] {
  const { filters } = deliveryWords;
  const is = (name: string, value: string) => `${name} ${partWords.filter.is} ${value}`;
  return [
    is(filters.state, state),
    ...(endpoint === undefined ? [] : [is(filters.endpoint, endpoint)]),
    ...(type === undefined ? [] : [is(filters.type, type)]),
    ...(range === undefined ? [] : [`${filters.range} ${range}`]),
  ];
}
