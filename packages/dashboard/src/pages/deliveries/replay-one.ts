import { api, type Shape, taken } from "../../api/client.ts";
import { type Act, useAct } from "../../parts/toasts/act.ts";
import { deliveryWords } from "../../words/index.ts";

export const changedByReplays = [
  ["deliveries"],
  ["delivery"],
  ["dead-letters"],
  ["ledger"],
] as const;

export function useReplayOne(): Act<string, Shape<"ReplayedDelivery">> {
  return useAct({
    does: (id: string) =>
      taken(api.POST("/v1/deliveries/{id}/replay", { params: { path: { id } } })),
    changes: changedByReplays,
    failed: deliveryWords.replayFailed,
    done: ({ replay }) => deliveryWords.replayed[replay],
  });
}
