import { useNavigate } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import type { List } from "../../api/list.ts";
import { asRefused } from "../../api/problem.ts";
import { useActs } from "../../parts/acts.ts";
import { Button } from "../../parts/controls/button.tsx";
import { BulkBar } from "../../parts/lists/bulk-bar.tsx";
import { clearSelection, useMemory } from "../../parts/lists/list-memory.ts";
import { useAct } from "../../parts/toasts/act.ts";
import { followJob } from "../../parts/toasts/followed-jobs.ts";
import { toastFact, toastRefusal } from "../../parts/toasts/toasts.ts";
import { number } from "../../words/format.ts";
import { deliveryWords } from "../../words/index.ts";
import type { Delivery } from "./queries.ts";
import { changedByReplays } from "./replay-one.ts";

/** So many requests are made at once where there is no job for it. */
const AT_ONCE = 4;

/** What can be done with the selected rows. */
export function DeliveryBulk({
  list,
  matching = null,
  onReplayAll,
}: {
  list: List<Delivery>;
  matching?: number | null;
  /** All that match are selected: the filter itself is replayed. */
  onReplayAll?: () => void;
}) {
  const { selection } = useMemory(list.name);
  const words = deliveryWords.bulk;
  const isAll = selection.kind === "all";
  const ids = isAll ? [] : [...selection.ids];
  const chosen = list.rows.filter(({ id }) => ids.includes(id));
  const replay = useAct({
    does: () => replayThese(ids, chosen),
    changes: changedByReplays,
    failed: deliveryWords.replayFailed,
    onDone: ({ jobId, failed }) => {
      if (jobId !== null)
        followJob(
          jobId,
          deliveryWords.replay.job(number(ids.length), deliveryWords.replay.everywhere),
        );
      else if (failed === 0)
        toastFact({ fact: words.done(number(ids.length)), consequence: words.consequence });
      clearSelection(list.name);
    },
  });
  const run = () => {
    if (isAll) onReplayAll?.();
    else if (ids.length > 0) void replay.run();
  };
  const hasSelection = isAll || ids.length > 0;
  useActs(hasSelection ? [{ key: "r", does: deliveryWords.replayOne, icon: RotateCw, run }] : []);
  const count = isAll ? (matching === null ? "" : number(matching)) : number(ids.length);
  return (
    <BulkBar list={list.name} matching={onReplayAll ? matching : null}>
      <Button
        kind="primary"
        icon={RotateCw}
        keys="R"
        needs="deliveries:write"
        busy={replay.isBusy}
        onClick={run}
      >
        {words.replay(count)}
      </Button>
    </BulkBar>
  );
}

/** Dead letters go as one job; others one by one, for each may be in another state. */
async function replayThese(
  ids: readonly string[],
  chosen: readonly Delivery[],
): Promise<{ jobId: string | null; failed: number }> {
  const areDead = chosen.length === ids.length && chosen.every(({ state }) => state === "dead");
  if (areDead) {
    const body = { ids: [...ids], dry_run: false };
    const { job_id } = await taken(api.POST("/v1/dead-letters/replay", { body }));
    return { jobId: job_id, failed: 0 };
  }
  const waiting = [...ids];
  let failed = 0;
  const take = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const path = { id };
      await taken(api.POST("/v1/deliveries/{id}/replay", { params: { path } })).catch(
        (error: unknown) => {
          if (failed++ === 0) toastRefusal(deliveryWords.replayFailed, asRefused(error));
        },
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return { jobId: null, failed };
}

/** Steps through a list from its drawer. */
export function useStep<Row extends { id: string }>(
  list: List<Row>,
  openId: string | undefined,
  search: Readonly<Record<string, string | undefined>>,
): (by: 1 | -1) => void {
  const navigate = useNavigate();
  return (by) => {
    const at = list.rows.findIndex(({ id }) => id === openId);
    const next = list.rows[at + by];
    if (next)
      void navigate({ to: ".", search: { ...search, open: next.id } as never, replace: true });
  };
}

/** Remembers that a question is open. */
export function useAsking(): { isAsking: boolean; ask(): void; done(): void } {
  const [isAsking, setAsking] = useState(false);
  return { isAsking, ask: () => setAsking(true), done: () => setAsking(false) };
}

/** Beyond those of every list. */
export const deliveryKeys: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ["X"], does: deliveryWords.keys.select },
  { keys: ["R"], does: deliveryWords.keys.replay },
];
