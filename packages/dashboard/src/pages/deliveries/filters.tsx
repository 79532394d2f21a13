import type { Filter, FilterOption } from "../../parts/lists/filter-bar.tsx";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { deliveryWords, partWords } from "../../words/index.ts";
import type { Endpoint } from "./queries.ts";

const STATES = ["pending", "delivered", "dead", "cancelled"] as const;
const SPOKEN_BY = ["whatsapp", "instagram", "messenger", "sms"] as const;

export const rangeOptions: readonly FilterOption[] = Object.entries(deliveryWords.ranges).map(
  ([value, label]) => ({ value, label }),
);

export const channelOptions: readonly FilterOption[] = SPOKEN_BY.map((kind) => ({
  value: kind,
  label: partWords.channels[kind],
  mark: <ChannelTile kind={kind} size={15} isNamed />,
}));

export const stateFilter: Filter = {
  id: "state",
  label: deliveryWords.filters.state,
  options: STATES.map((state) => ({
    value: state,
    label: partWords.states[state],
    mark: <Glyph of={state} />,
  })),
};

/** What lists of deliveries are narrowed by, besides their state. */
export function deliveryFilterList(endpoints: ReadonlyMap<string, Endpoint>): readonly Filter[] {
  const { filters } = deliveryWords;
  return [
    {
      id: "endpoint",
      label: filters.endpoint,
      options: [...endpoints.values()].map(({ id, name }) => ({ value: id, label: name })),
    },
    { id: "type", label: filters.type, placeholder: deliveryWords.typePlaceholder },
    { id: "channel", label: filters.channel, options: channelOptions },
    { id: "range", label: filters.range, options: rangeOptions },
    {
      id: "conversation",
      label: filters.conversation,
      placeholder: deliveryWords.conversationPlaceholder,
    },
    { id: "q", label: filters.q, placeholder: deliveryWords.idPlaceholder },
  ];
}
