import { ArrowRight } from "lucide-react";
import { Track } from "../../parts/charts/track.tsx";
import type { Column } from "../../parts/lists/row-table.tsx";
import { Answer } from "../../parts/values/answer.tsx";
import { Glyph, type ShownState, State, shownState } from "../../parts/values/state.tsx";
import { Age, Until } from "../../parts/values/time.tsx";
import { took } from "../../words/format.ts";
import { deliveryWords, partWords } from "../../words/index.ts";
import { From } from "./from.tsx";
import type { Delivery, Endpoint } from "./queries.ts";

type Endpoints = ReadonlyMap<string, Endpoint>;

export function stateOf(delivery: Delivery, endpoints: Endpoints): ShownState {
  return shownState(delivery, endpoints.get(delivery.endpoint_id)?.state === "paused");
}

export function nameOfEndpoint(id: string, endpoints: Endpoints): string {
  return endpoints.get(id)?.name ?? (endpoints.size === 0 ? "" : deliveryWords.deletedEndpoint);
}

/** How many requests the schedule allows, as far as that is known. */
export function mostAttempts(
  delivery: { round: number },
  attempts: number,
  endpoint: Endpoint | undefined,
): number {
  const most = endpoint === undefined ? attempts : endpoint.retry_schedule.length + 1;
  // Each replay begins the schedule anew.
  return delivery.round > 1 ? attempts + 1 : most;
}

const TICKS = 12;

export function deliveryColumns(endpoints: Endpoints): readonly Column<Delivery>[] {
  const { columns } = deliveryWords;
  return [
    {
      id: "state",
      head: columns.state,
      width: 128,
      cell: (row) => <State of={stateOf(row, endpoints)} />,
    },
    {
      id: "event",
      head: columns.event,
      cell: (row) => <code className="text-xs">{row.event_type}</code>,
    },
    ...wayColumns(endpoints),
    {
      id: "took",
      head: columns.took,
      width: 84,
      align: "right",
      from: 980,
      cell: (row) =>
        row.last_ms === null ? (
          <span className="text-fg-3">{partWords.none}</span>
        ) : (
          <span className="text-fg-2">{took(row.last_ms)}</span>
        ),
    },
    {
      id: "next",
      head: columns.next,
      width: 92,
      align: "right",
      from: 1_080,
      cell: (row) =>
        row.next_attempt_at === null ? (
          <span className="text-fg-3">{partWords.none}</span>
        ) : (
          <Until at={row.next_attempt_at} />
        ),
    },
    {
      id: "created",
      head: columns.created,
      width: 84,
      align: "right",
      cell: (row) => <Age at={row.created_at} className="text-fg-2" />,
    },
  ];
}

/** From whom, to which endpoint, with how many attempts, and what it answered. */
export function wayColumns(endpoints: Endpoints): readonly Column<Delivery>[] {
  const { columns } = deliveryWords;
  return [
    {
      id: "from",
      head: columns.from,
      width: 210,
      from: 780,
      cell: (row) => <From from={row.from} />,
    },
    {
      id: "endpoint",
      head: columns.endpoint,
      width: 170,
      from: 620,
      cell: (row) => nameOfEndpoint(row.endpoint_id, endpoints),
    },
    {
      id: "attempts",
      head: columns.attempts,
      width: 104,
      cell: (row) => <RowTrack row={row} endpoints={endpoints} />,
    },
    {
      id: "answer",
      head: columns.answer,
      width: 118,
      from: 560,
      cell: (row) => <Answer status={row.last_status} error={row.last_error} />,
    },
  ];
}

function RowTrack({ row, endpoints }: { row: Delivery; endpoints: Endpoints }) {
  const most = mostAttempts(row, row.attempts, endpoints.get(row.endpoint_id));
  return (
    <Track
      state={stateOf(row, endpoints)}
      made={Math.min(row.attempts, TICKS)}
      most={Math.min(most, TICKS)}
    />
  );
}

/** Two lines: event and age; channel, person, arrow, endpoint, answer. */
export function PhoneRow({ row, endpoints }: { row: Delivery; endpoints: Endpoints }) {
  const state = stateOf(row, endpoints);
  return (
    <span className="grid grid-cols-[18px_minmax(0,1fr)_auto] items-center gap-x-2.5 gap-y-0.5 py-2">
      <Glyphed of={state} />
      <code className="truncate text-xs">{row.event_type}</code>
      <Age at={row.created_at} className="justify-self-end text-fg-3" />
      <span />
      <span className="flex min-w-0 items-center gap-1.5 text-fg-2">
        <From from={row.from} tileOnly={row.from?.name == null} />
        <ArrowRight size={12} aria-hidden className="flex-none text-fg-3" />
        <span className="truncate">{nameOfEndpoint(row.endpoint_id, endpoints)}</span>
      </span>
      <span className="flex items-center justify-end gap-2">
        {state !== "delivered" && <RowTrack row={row} endpoints={endpoints} />}
        <Answer status={row.last_status} error={row.last_error} />
      </span>
    </span>
  );
}

const COLOURS: Partial<Record<ShownState, string>> = {
  delivered: "text-delivered",
  retrying: "text-retrying",
  dead: "text-dead",
  paused: "text-paused",
};

function Glyphed({ of }: { of: ShownState }) {
  return (
    <span className={COLOURS[of] ?? "text-fg-2"} title={partWords.states[of]}>
      <Glyph of={of} size={16} />
      <span className="sr-only">{partWords.states[of]}</span>
    </span>
  );
}
