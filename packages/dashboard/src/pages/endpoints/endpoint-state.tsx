import type { Shape } from "../../api/client.ts";
import { type ShownState, State } from "../../parts/values/state.tsx";
import { endpointListWords } from "../../words/index.ts";

type Word = keyof typeof endpointListWords.states;

/** Enabled and failing is a state of its own to a person. */
export function endpointState(
  state: Shape<"Endpoint">["state"],
  isFailing = false,
): { of: ShownState; word: string } {
  const word: Word = state === "enabled" && isFailing ? "failing" : state;
  return { of: OUTLINES[word], word: endpointListWords.states[word] };
}

const OUTLINES: Record<Word, ShownState> = {
  enabled: "delivered",
  failing: "retrying",
  paused: "paused",
  disabled: "cancelled",
  pending: "pending",
};

export function EndpointState({
  state,
  isFailing,
  badge = false,
}: {
  state: Shape<"Endpoint">["state"];
  isFailing?: boolean;
  badge?: boolean;
}) {
  const { of, word } = endpointState(state, isFailing);
  return (
    <State of={of} badge={badge}>
      {word}
    </State>
  );
}
