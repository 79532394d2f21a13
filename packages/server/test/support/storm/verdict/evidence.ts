import type { Request } from "../receivers.ts";
import type { Storm } from "../storm.ts";
import { type Reign, reignsOf } from "./reigns.ts";

export interface EventRow {
  id: string;
  targets: number[];
  /** Serials of the endpoints that collected, by what somebody else than the engine wrote down. */
  expected: number[];
  type: string;
  /** What it tells, as far as it is read here. */
  data: Told;
  /** Null where a process tells of a body that is gone. */
  number: number | null;
  /** Its day is over: what it never came to is cancelled with it, and what comes late is not kept. */
  isClosed: boolean;
  /** Its body is kept nowhere. */
  isPurged: boolean;
  conversationId: string | null;
  seq: number | null;
  configVersion: number;
}

interface Told {
  number?: number;
  delivery_id?: string;
  message_id?: string;
  attempted?: boolean;
  delivered?: number;
  lost?: number;
  deliveries?: { id: string; outcome: string }[];
}

export interface DeliveryRow {
  eventId: string;
  endpoint: number;
  state: string;
  reason: string | null;
  attempts: number;
  isGap: boolean;
}

export interface AttemptRow {
  eventId: string;
  endpoint: number;
  n: number;
  station: string;
  status: number | null;
  error: string | null;
}

/** All that is known after a storm. Deliveries and requests are named by event and endpoint: `nameOf`. */
export interface Evidence {
  storm: Storm;
  events: readonly EventRow[];
  deliveries: ReadonlyMap<string, DeliveryRow>;
  attempts: readonly AttemptRow[];
  requests: ReadonlyMap<string, readonly Request[]>;
  /** How often a station was among the living: more than once when it was taken for dead. */
  timesRegistered: ReadonlyMap<string, number>;
  /** Serials of endpoints. */
  deleted: ReadonlySet<number>;
  /** From which versions on endpoints kept the order of conversations, or did not, the first one first. */
  orderings: readonly { serial: number; version: number; keepsOrder: boolean }[];
  reigns: readonly Reign[];
}

/** Nobody knows what became of what it had on its way: its process ended, or was taken for dead. */
export function isLost({ timesRegistered }: Evidence, { station }: Request): boolean {
  return station.wasCut || station.ether.hasUndead || (timesRegistered.get(station.name) ?? 0) > 1;
}

/** One thing that must hold; it says each case in which it does not. */
export type Rule = (evidence: Evidence, wrong: (what: string) => void) => void | Promise<void>;

export function nameOf({ eventId, endpoint }: { eventId: string; endpoint: number }): string {
  return `${eventId}/${endpoint}`;
}

export async function gather(storm: Storm): Promise<Evidence> {
  const { town } = storm;
  const events = await town.rows<EventRow & { payload: string }>(
    `select e.id, e.type, e.targets, e.payload, e.held is not null as "isPurged", e.conversation_id as "conversationId", e.seq::float8 as seq,
      e.config_version::float8 as "configVersion",
      (select coalesce(array_agg(s.serial order by s.serial), '{}') from (
        select distinct on (serial) serial, collects from seen_endpoint
        where version <= e.config_version order by serial, version desc, at desc) s where s.collects) as expected
     from seen_event e order by e.id`,
  );
  const deliveries = await town.rows<DeliveryRow>(
    `select event_id as "eventId", endpoint, state, reason, attempts, is_gap as "isGap" from seen_delivery`,
  );
  const attempts = await town.rows<AttemptRow>(
    `select a.event_id as "eventId", a.endpoint, a.n, p.name as station, a.status, a.error
     from seen_attempt a join seen_process p on p.id = a.process`,
  );
  const registrations = await town.rows<{ station: string; count: number }>(
    "select name as station, count(*)::int as count from seen_process group by name",
  );
  const deleted = await town.rows<{ serial: number }>(
    "select serial from endpoint where deleted_at is not null",
  );
  const orderings = await town.rows<Evidence["orderings"][number]>(
    `select serial, version::float8 as version, "keepsOrder" from (
       select at, serial, version, ordering = 'conversation' as "keepsOrder",
         lag(ordering) over (partition by serial order by at) is distinct from ordering as "isNew"
       from seen_endpoint) s
     where "isNew" order by at`,
  );
  return {
    ...{ storm, attempts, orderings },
    reigns: reignsOf(storm),
    events: events.map((event) => {
      const { data } = JSON.parse(event.payload) as { data: Told };
      const isClosed = event.id < storm.firstKept;
      return { ...event, data, number: data.number ?? null, isClosed };
    }),
    deliveries: new Map(deliveries.map((each) => [nameOf(each), each])),
    requests: requestsOf(storm),
    timesRegistered: new Map(registrations.map(({ station, count }) => [station, count])),
    deleted: new Set(deleted.map(({ serial }) => serial)),
  };
}

function requestsOf(storm: Storm): Map<string, Request[]> {
  const requests = new Map<string, Request[]>();
  for (const request of storm.receivers.requests) {
    const endpoint = storm.endpoints.find(({ url }) => url === request.url)?.serial ?? 0;
    const name = nameOf({ ...request, endpoint });
    requests.set(name, [...(requests.get(name) ?? []), request]);
  }
  return requests;
}
