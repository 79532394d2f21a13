import { useQuery } from "@tanstack/react-query";
import { Eraser, Pause, Play, Plus, Send } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Button, IconButton } from "../../parts/controls/button.tsx";
import { Choice } from "../../parts/controls/field.tsx";
import { Empty, Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { CopyButton } from "../../parts/values/copy.tsx";
import { Note } from "../../parts/values/note.tsx";
import { State } from "../../parts/values/state.tsx";
import { simulatorWords } from "../../words/index.ts";
import { type Endpoint, endpointsQuery } from "../deliveries/queries.ts";
import { CaughtView } from "./caught-view.tsx";
import { type Catcher, type CaughtRequest, catchersQuery, caughtQuery } from "./queries.ts";

const words = simulatorWords.caught;
const STATUSES = ["200", "204", "301", "400", "401", "404", "410", "429", "500", "503"];

/** Makes a catcher, and an endpoint that sends there. */
export function useMakeCatcher() {
  const endpoint = useMakeEndpoint();
  return useAct({
    does: () => taken(api.POST("/v1/catchers", { body: {} })),
    changes: [["catchers"]],
    failed: words.failed,
    onDone: (catcher) => void endpoint.run(catcher),
  });
}

function useMakeEndpoint() {
  return useAct({
    does: ({ name, url }: Catcher) =>
      taken(api.POST("/v1/endpoints", { body: { name, url, dialect: "curlew" } })),
    changes: [["endpoints"]],
    failed: words.endpointFailed,
    done: () => ({ fact: words.madeEndpoint, consequence: words.madeEndpointNote }),
  });
}

/** The catcher with this id; where none is named, or it is gone, the one that is at work. */
export function useShownCatcher(chosen: string | undefined) {
  const { data, error, refetch } = useQuery(catchersQuery);
  const { data: endpoints } = useQuery(endpointsQuery);
  const all = data?.data;
  const catcher = all?.find(({ id }) => id === chosen) ?? usual(all ?? [], endpoints);
  return { all, catcher, error, refetch };
}

/** What a catcher has caught, the newest first, and one request of it. */
export function CatcherView({
  chosen,
  request,
  onChoose,
  onRequest,
}: {
  /** The id of a catcher; the newest when absent. */
  chosen: string | undefined;
  request: string | undefined;
  onChoose(id: string): void;
  onRequest(id: string | undefined): void;
}) {
  const { all, catcher, error, refetch } = useShownCatcher(chosen);
  const make = useMakeCatcher();
  if (error) return <Failed what={words.page} error={error} onAgain={() => void refetch()} />;
  if (!all) return <Skeleton widths={[260, 320]} />;
  if (!catcher) {
    return (
      <Empty
        title={words.makeTitle}
        act={
          <Button
            kind="primary"
            icon={Plus}
            needs="endpoints:write"
            busy={make.isBusy}
            onClick={() => void make.run()}
          >
            {words.make}
          </Button>
        }
      >
        {words.makeText}
      </Empty>
    );
  }
  return (
    <Caught
      catcher={catcher}
      others={all}
      request={request}
      onChoose={onChoose}
      onRequest={onRequest}
    />
  );
}

/** The newest that an endpoint which is at work sends to. */
function usual(
  catchers: readonly Catcher[],
  endpoints: ReadonlyMap<string, Endpoint> | undefined,
): Catcher | undefined {
  const urls = new Set(
    [...(endpoints?.values() ?? [])].flatMap(({ url, state }) => (state === "enabled" ? url : [])),
  );
  return (
    catchers.find(({ url, status }) => urls.has(url) && status < 300) ??
    catchers.find(({ url }) => urls.has(url)) ??
    catchers[0]
  );
}

function Caught({
  catcher,
  others,
  request,
  onChoose,
  onRequest,
}: {
  catcher: Catcher;
  others: readonly Catcher[];
  request: string | undefined;
  onChoose(id: string): void;
  onRequest(id: string | undefined): void;
}) {
  const [isPaused, setPaused] = useState(false);
  const { data, error, refetch } = useQuery(caughtQuery(catcher.id, isPaused));
  const clear = useAct({
    does: () =>
      taken(api.DELETE("/v1/catchers/{id}/requests", { params: { path: { id: catcher.id } } })),
    changes: [["caught", catcher.id]],
    failed: words.clearFailed,
    onDone: () => onRequest(undefined),
  });
  const rows = data?.data ?? [];
  // What is looked at stays when more comes in; else the newest is shown.
  const shown = rows.find(({ id }) => id === request) ?? rows[0];
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex min-h-11 flex-none flex-wrap items-center gap-x-2 gap-y-1 border-b border-border px-(--gutter) py-1.5">
        <h2 className={others.length > 1 ? "sr-only" : "font-strong"}>{catcher.name}</h2>
        {others.length > 1 && (
          <Choice
            aria-label={words.page}
            className="h-7! w-42!"
            value={catcher.id}
            options={others.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(event) => onChoose(event.target.value)}
          />
        )}
        <span className="inline-flex min-w-0 flex-1 basis-36 items-center">
          <code className="truncate text-xs text-fg-2" title={catcher.url}>
            {catcher.url.replace(/^https?:\/\//, "")}
          </code>
          <CopyButton text={catcher.url} what={catcher.url} />
        </span>
        <span className="flex items-center gap-x-0.5">
          <Answers catcher={catcher} />
          <IconButton
            icon={isPaused ? Play : Pause}
            label={isPaused ? words.go : words.pause}
            aria-pressed={isPaused}
            onClick={() => setPaused(!isPaused)}
          />
          <IconButton
            icon={Eraser}
            label={words.clear}
            needs="endpoints:write"
            onClick={() => void clear.run()}
          />
        </span>
      </header>
      <NoEndpoint catcher={catcher} />
      {error && <Failed what={words.list} error={error} onAgain={() => void refetch()} />}
      {data && rows.length === 0 && <Empty title={words.waiting}>{words.waitingText}</Empty>}
      {rows.length > 0 && (
        <>
          <ul
            aria-label={words.list}
            className="max-h-44 flex-none overflow-auto border-b border-border"
          >
            {rows.map((row) => (
              <li key={row.id}>
                <Row row={row} isShown={row.id === shown?.id} onClick={() => onRequest(row.id)} />
              </li>
            ))}
          </ul>
          <div className="min-h-0 flex-1 overflow-auto bg-surface-sunken">
            {shown && <CaughtView catcherId={catcher.id} requestId={shown.id} />}
          </div>
        </>
      )}
    </div>
  );
}

function Row({
  row,
  isShown,
  onClick,
}: {
  row: Pick<CaughtRequest, "received_at" | "signature" | "event_type" | "method" | "answered">;
  isShown: boolean;
  onClick(): void;
}) {
  const at = new Date(row.received_at);
  const time = `${at.toLocaleTimeString("en-GB")}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  const { signature } = row;
  return (
    <button
      type="button"
      aria-current={isShown || undefined}
      onClick={onClick}
      className="grid min-h-8.5 w-full grid-cols-[88px_minmax(0,1fr)_auto_40px] items-center gap-3 border-b border-border-subtle px-(--gutter) text-left -outline-offset-2 hover:bg-surface-hover aria-current:bg-surface-selected aria-current:shadow-[inset_2px_0_0_var(--accent-solid)]"
    >
      <span className="tnum text-fg-2">{time}</span>
      <code className="truncate text-xs">{row.event_type ?? row.method}</code>
      {signature === null ? (
        <State of="cancelled">{words.unknown}</State>
      ) : signature.accepted ? (
        <State of="delivered">{words.signed}</State>
      ) : (
        <State of="dead">{words.wrong}</State>
      )}
      <code className="text-right text-xs text-fg-2">{row.answered}</code>
    </button>
  );
}

/** What it answers, so that retries and dead letters can be tried. */
function Answers({ catcher }: { catcher: Catcher }) {
  const change = useAct({
    does: (body: { status?: number; delay_ms?: number }) =>
      taken(api.PATCH("/v1/catchers/{id}", { params: { path: { id: catcher.id } }, body })),
    changes: [["catchers"]],
    failed: words.changeFailed,
  });
  return (
    <span className="flex flex-none items-center gap-1.5">
      <span className="text-xs text-fg-3">{words.answers}</span>
      <Choice
        aria-label={words.answersLabel}
        className="h-7! w-18!"
        value={String(catcher.status)}
        options={withOwn(STATUSES, String(catcher.status)).map((value) => ({
          value,
          label: value,
        }))}
        onChange={(event) => void change.run({ status: Number(event.target.value) })}
      />
      <Choice
        aria-label={words.delayLabel}
        className="h-7! w-27!"
        value={String(catcher.delay_ms)}
        options={withOwn(Object.keys(words.delays), String(catcher.delay_ms)).map((value) => ({
          value,
          label: (words.delays as Record<string, string>)[value] ?? `${value} ms`,
        }))}
        onChange={(event) => void change.run({ delay_ms: Number(event.target.value) })}
      />
    </span>
  );
}

function withOwn(known: readonly string[], own: string): string[] {
  return known.includes(own) ? [...known] : [...known, own];
}

/** A catcher that nobody sends to waits in vain. */
function NoEndpoint({ catcher }: { catcher: Catcher }) {
  const { data: endpoints } = useQuery(endpointsQuery);
  const make = useMakeEndpoint();
  if (!endpoints || [...endpoints.values()].some(({ url }) => url === catcher.url)) return null;
  return (
    <Note
      tone="warning"
      className="m-3"
      act={
        <Button
          icon={Send}
          needs="endpoints:write"
          busy={make.isBusy}
          onClick={() => void make.run(catcher)}
        >
          {words.makeEndpoint}
        </Button>
      }
    >
      <b>{words.noEndpoint}</b>
    </Note>
  );
}
