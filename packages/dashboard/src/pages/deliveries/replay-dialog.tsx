import { useQuery } from "@tanstack/react-query";
import { api, type Shape, taken } from "../../api/client.ts";
import { asRefused } from "../../api/problem.ts";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { followJob } from "../../parts/toasts/followed-jobs.ts";
import { Note } from "../../parts/values/note.tsx";
import { clock, number } from "../../words/format.ts";
import { deliveryWords, partWords } from "../../words/index.ts";
import { takesNow } from "../endpoints/health.ts";
import type { Endpoint } from "./queries.ts";
import { changedByReplays } from "./replay-one.ts";

/** What is to be replayed: dead letters, or deliveries of one endpoint. */
export interface ReplayWish {
  endpointId: string | undefined;
  state: "delivered" | "dead" | "cancelled" | undefined;
  types: readonly string[] | undefined;
  since: string | undefined;
}

const RECOUNT_MS = 60_000;
/** An endpoint's replay wants a beginning. */
const FOREVER = "1970-01-01T00:00:00Z";

/** The call that replays them; `dry_run` counts. */
function callOf(wish: ReplayWish) {
  const { endpointId, state = "dead", types, since } = wish;
  const common = { ...(types ? { types: [...types] } : {}) };
  if (state === "dead" || endpointId === undefined) {
    const body = {
      ...common,
      ...(endpointId === undefined ? {} : { endpoint_id: endpointId }),
      ...(since === undefined ? {} : { since }),
    };
    return { method: "POST", path: "/v1/dead-letters/replay", body };
  }
  const path = `/v1/endpoints/${endpointId}/replay`;
  return { method: "POST", path, body: { ...common, since: since ?? FOREVER, states: [state] } };
}

async function send(wish: ReplayWish, dryRun: boolean): Promise<Shape<"Replay">> {
  const { endpointId, state = "dead" } = wish;
  const { body } = callOf(wish);
  if (state === "dead" || endpointId === undefined) {
    return taken(api.POST("/v1/dead-letters/replay", { body: { ...body, dry_run: dryRun } }));
  }
  return taken(
    api.POST("/v1/endpoints/{id}/replay", {
      params: { path: { id: endpointId } },
      body: { since: FOREVER, states: [state], ...body, dry_run: dryRun },
    }),
  );
}

/** Counts, asks, and follows the job. */
export function ReplayDialog({
  wish,
  endpoint,
  which,
  onClose,
}: {
  wish: ReplayWish;
  endpoint: Endpoint | undefined;
  /** The filters, as chips say them. */
  which: readonly string[];
  onClose(): void;
}) {
  const words = deliveryWords.replay;
  const counted = useQuery({
    queryKey: ["replay-count", wish],
    queryFn: () => send(wish, true),
    refetchInterval: RECOUNT_MS,
    staleTime: 0,
  });
  const to = endpoint?.name ?? words.everywhere;
  const replay = useAct({
    does: () => send(wish, false),
    changes: changedByReplays,
    failed: deliveryWords.replayFailed,
    onDone: ({ job_id: job, count }) => {
      if (job !== null) followJob(job, words.job(number(count), to));
      onClose();
    },
  });
  const { data } = counted;
  const shown = data === undefined ? "…" : number(data.count);
  const count = data?.is_exact === false ? words.inexact(shown) : shown;
  const isDead = (wish.state ?? "dead") === "dead";
  return (
    <Confirm
      open
      onClose={onClose}
      title={(isDead ? words.titleDead : words.title)(count, endpoint?.name)}
      text={words.text}
      counted={
        counted.dataUpdatedAt === 0
          ? counted.isError
            ? ""
            : words.counting
          : partWords.confirm.countedAt(clock(counted.dataUpdatedAt))
      }
      does={words.does(count)}
      count={data?.count ?? null}
      call={callOf(wish)}
      needs="deliveries:write"
      busy={replay.isBusy || counted.isPending}
      refusal={
        counted.error
          ? asRefused(counted.error).message
          : data === undefined
            ? words.counting
            : data.count === 0
              ? words.none
              : null
      }
      onConfirm={() => void replay.run()}
    >
      <dl className="mb-3 grid grid-cols-[84px_minmax(0,1fr)] rounded-lg border border-border [&>*]:border-border-subtle [&>*]:px-3 [&>*]:py-2.5 [&>*:nth-child(n+3)]:border-t">
        <dt className="text-fg-3">{words.which}</dt>
        <dd className="flex flex-wrap gap-1.5">
          {which.map((chip) => (
            <span key={chip} className="rounded-sm border border-border-strong px-1.5 text-xs">
              {chip}
            </span>
          ))}
        </dd>
        <dt className="text-fg-3">{words.pace}</dt>
        <dd>{words.paceText}</dd>
        <dt className="text-fg-3">{words.order}</dt>
        <dd>{words.orderText}</dd>
        <dt className="text-fg-3">{words.stop}</dt>
        <dd>{words.stopText}</dd>
      </dl>
      {data !== undefined && data.expunged > 0 && (
        <Note tone="warning" className="mb-3">
          {words.expunged(number(data.expunged))}
        </Note>
      )}
      {endpoint && <Target endpoint={endpoint} />}
    </Confirm>
  );
}

/** Whether the target takes anything now. */
function Target({ endpoint }: { endpoint: Endpoint }) {
  const words = deliveryWords.replay;
  const { data: health } = useQuery({
    queryKey: ["endpoint", endpoint.id, "health"],
    queryFn: () =>
      taken(api.GET("/v1/endpoints/{id}/health", { params: { path: { id: endpoint.id } } })),
  });
  if (!health) return null;
  const takes = takesNow(health);
  const since = health.failing_since ?? health.last_failure?.at;
  const said = {
    paused: words.pausedTarget,
    disabled: words.disabledTarget,
    pending: words.pendingTarget,
    enabled: takes
      ? words.accepts
      : takes === null
        ? words.untried
        : words.failing(since === undefined ? "" : clock(Date.parse(since))),
  }[endpoint.state];
  return (
    <Note tone={said === words.accepts ? "good" : "warning"} className="mb-3">
      <span className="sr-only">{words.target}: </span>
      <b>{endpoint.name}</b> {said}
    </Note>
  );
}
