import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { api, type Shape, taken } from "../../api/client.ts";
import { cx } from "../../parts/class-names.ts";
import { answerWord } from "../../parts/values/answer.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { number } from "../../words/format.ts";
import { deadLetterWords } from "../../words/index.ts";
import { nameOfEndpoint } from "../deliveries/columns.tsx";
import type { Endpoint } from "../deliveries/queries.ts";
import { takesNow } from "../endpoints/health.ts";

export type Cause = Shape<"DeadLetterCauses">["data"][number];

export const causesQuery = {
  queryKey: ["dead-letters", "causes"],
  queryFn: () =>
    taken(api.GET("/v1/dead-letters/causes", { params: { query: { by: "endpoint" as const } } })),
  refetchInterval: 15_000,
};

/** People repair causes, not rows: each with how many it struck, and whether it is gone. */
export function Causes({
  endpoints,
  chosen,
  onChoose,
}: {
  endpoints: ReadonlyMap<string, Endpoint>;
  /** The endpoint whose dead letters are listed. */
  chosen: string | undefined;
  onChoose(endpoint: string | undefined): void;
}) {
  const { data, isPending } = useQuery(causesQuery);
  if (isPending) return <Room />;
  if (!data || data.data.length === 0) return null;
  return (
    <fieldset aria-label={deadLetterWords.causes} className={STRIP}>
      <legend className="sr-only">{deadLetterWords.causes}</legend>
      {data.data.slice(0, 8).map((cause) => (
        <CauseCard
          key={`${cause.endpoint_id} ${cause.status} ${cause.error} ${cause.reason}`}
          cause={cause}
          endpoints={endpoints}
          isChosen={cause.endpoint_id !== null && cause.endpoint_id === chosen}
          onChoose={onChoose}
        />
      ))}
    </fieldset>
  );
}

const STRIP = "flex flex-none overflow-x-auto border-t border-border";
const CARD =
  "grid min-w-64 flex-1 grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-r border-border px-4 py-3 text-left -outline-offset-2 first-of-type:pl-6 last:border-r-0";

/** As high as the causes will be: what stands below them is where it stays. */
function Room() {
  return (
    <div className={STRIP} aria-hidden="true">
      <div className={CARD}>
        <b className="tnum row-span-2 text-[19px]/6">&nbsp;</b>
        <span className="font-medium">&nbsp;</span>
        <span className="text-xs">&nbsp;</span>
        <span>
          <span className="skeleton" style={{ width: 180 }} />
          &nbsp;
        </span>
      </div>
    </div>
  );
}

function CauseCard({
  cause,
  endpoints,
  isChosen,
  onChoose,
}: {
  cause: Cause;
  endpoints: ReadonlyMap<string, Endpoint>;
  isChosen: boolean;
  onChoose(endpoint: string | undefined): void;
}) {
  const id = cause.endpoint_id ?? "";
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={() => onChoose(isChosen ? undefined : id)}
      className={cx(
        CARD,
        "hover:bg-surface-hover",
        isChosen && "bg-surface-selected shadow-[inset_0_-2px_0_var(--accent-solid)]",
      )}
    >
      <b className="tnum row-span-2 text-[19px]/6 font-[560] tracking-tight">
        {number(cause.count)}
      </b>
      <span className="truncate font-medium">{nameOfEndpoint(id, endpoints)}</span>
      <Moment at={cause.last_at} className="tnum text-right text-xs text-fg-3" />
      <span className="truncate text-fg-2">{answerWord(cause)}</span>
      <span className="text-right">
        <Now endpoint={endpoints.get(id)} />
      </span>
    </button>
  );
}

/** Whether its endpoint takes anything now. */
function Now({ endpoint }: { endpoint: Endpoint | undefined }) {
  const { now } = deadLetterWords;
  const { data: health } = useQuery({
    queryKey: ["endpoint", endpoint?.id, "health"],
    queryFn: () =>
      taken(api.GET("/v1/endpoints/{id}/health", { params: { path: { id: endpoint?.id ?? "" } } })),
    enabled: endpoint !== undefined,
    staleTime: 15_000,
  });
  if (!endpoint || !health) return null;
  const { state } = endpoint;
  if (state !== "enabled")
    return (
      <span className="text-xs text-paused">{state === "paused" ? now.paused : now.disabled}</span>
    );
  const isGood = takesNow(health);
  if (isGood === null) return <span className="text-xs text-fg-3">{now.unknown}</span>;
  const Icon = isGood ? Check : X;
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1 text-xs whitespace-nowrap",
        isGood ? "text-delivered" : "text-dead",
      )}
    >
      <Icon size={12} strokeWidth={2.25} aria-hidden />
      {isGood ? now.accepts : now.failing}
    </span>
  );
}
