import { type ShownState, State } from "../../parts/values/state.tsx";
import { channelWords } from "../../words/index.ts";
import type { Channel } from "./queries.ts";

const OUTLINES: Record<Channel["state"], ShownState> = {
  connected: "delivered",
  degraded: "retrying",
  paused: "paused",
};

export function ChannelState({
  state,
  badge = false,
}: {
  state: Channel["state"];
  badge?: boolean;
}) {
  return (
    <State of={OUTLINES[state]} badge={badge}>
      {channelWords.states[state]}
    </State>
  );
}
