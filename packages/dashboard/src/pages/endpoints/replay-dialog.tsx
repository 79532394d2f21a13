import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { asRefused } from "../../api/problem.ts";
import { Segments } from "../../parts/controls/segments.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { followJob } from "../../parts/toasts/followed-jobs.ts";
import { number } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";

const words = endpointWords.replay;
const STATES = ["missing", "dead", "cancelled", "delivered"] as const;
type State = (typeof STATES)[number];
type Hours = keyof typeof words.hours;

/** Gives an endpoint what it has missed; the count comes first. */
export function ReplayDialog({
  endpoint: { id, name },
  health,
  onClose,
}: {
  endpoint: Shape<"Endpoint">;
  health: Shape<"EndpointHealth"> | undefined;
  onClose(): void;
}) {
  const [opened] = useState(now);
  const [hours, setHours] = useState<Hours>("24");
  const [state, setState] = useState<State>(health?.missed ? "dead" : "missing");
  const [more, setMore] = useState<ReadonlySet<State>>(new Set());
  // What never reached it is asked for by itself.
  const states: State[] = state === "missing" ? ["missing"] : ["dead", ...more];
  const since = new Date(opened - Number(hours) * 3_600_000).toISOString();
  const ask = (dryRun: boolean) =>
    taken(
      api.POST("/v1/endpoints/{id}/replay", {
        params: { path: { id } },
        body: { since, states, dry_run: dryRun },
      }),
    );
  const count = useQuery({
    queryKey: ["endpoint", id, "replay", since, states.join()],
    queryFn: () => ask(true),
    staleTime: 60_000,
    refetchInterval: 60_000, // it is counted again while the dialog stays open
  });
  const start = useAct({
    does: () => ask(false),
    changes: [["deliveries"], ["endpoint", id]],
    failed: words.failed,
    onDone: ({ job_id: job }) => {
      if (job !== null) followJob(job, words.job(name));
      onClose();
    },
  });
  const found = count.data?.count ?? null;
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.title}
      text={words.text}
      does={words.do(found === null ? "" : number(found))}
      count={found}
      needs="deliveries:write"
      busy={start.isBusy}
      refusal={found === null ? words.counting : found === 0 ? words.none : null}
      call={{ method: "POST", path: `/v1/endpoints/${id}/replay`, body: { since, states } }}
      onConfirm={() => void start.run()}
    >
      <dl className="rounded-md border border-border [&>div]:grid [&>div]:min-h-10.5 [&>div]:grid-cols-[76px_minmax(0,1fr)] [&>div]:items-center [&>div]:border-t [&>div]:border-border-subtle [&>div]:px-3 [&>div]:py-2 [&>div:first-child]:border-0 [&_dt]:text-fg-3">
        <div>
          <dt>{words.since}</dt>
          <dd>
            <Segments<Hours>
              label={words.since}
              value={hours}
              options={(Object.keys(words.hours) as Hours[]).map((value) => ({
                value,
                label: words.hours[value],
              }))}
              onChange={setHours}
            />
          </dd>
        </div>
        <div>
          <dt>{words.states}</dt>
          <dd className="grid gap-1.5">
            <Segments<State>
              label={words.states}
              value={state === "missing" ? "missing" : "dead"}
              options={[
                { value: "missing", label: words.stateNames.missing },
                { value: "dead", label: words.stateNames.dead },
              ]}
              onChange={setState}
            />
            {state === "missing" ? (
              <p className="text-xs text-fg-3">{words.stateHelp}</p>
            ) : (
              <div className="flex gap-4">
                {(["cancelled", "delivered"] as const).map((each) => (
                  <CheckLine
                    key={each}
                    checked={more.has(each)}
                    onChange={(checked) => {
                      const next = new Set(more);
                      if (checked) next.add(each);
                      else next.delete(each);
                      setMore(next);
                    }}
                  >
                    {words.stateNames[each]}
                  </CheckLine>
                ))}
              </div>
            )}
          </dd>
        </div>
      </dl>
      <p role="status" className="mt-3 text-fg-2">
        {count.error
          ? asRefused(count.error).message
          : count.data
            ? words.count(number(count.data.count), count.data.is_exact)
            : words.counting}
        {count.data && count.data.expunged > 0
          ? ` ${words.expunged(number(count.data.expunged))}`
          : null}
      </p>
    </Confirm>
  );
}
