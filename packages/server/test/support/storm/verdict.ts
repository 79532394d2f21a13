import { type Line, readBooks } from "../database/books.ts";
import { STORM_MESSAGE } from "./fates.ts";
import type { Request } from "./receivers.ts";
import type { Storm } from "./storm.ts";

interface EventRow {
  id: string;
  targets: number[];
  expected: number[];
  number: number;
  conversationId: string | null;
  seq: number | null;
}

interface DeliveryRow {
  eventId: string;
  endpoint: number;
  state: string;
  attempts: number;
  isGap: boolean;
}

interface AttemptRow {
  eventId: string;
  endpoint: number;
  n: number;
  station: string;
  status: number | null;
  error: string | null;
}

/** What is wrong after a storm: a sentence for each, none where everything holds. */
export async function judge(storm: Storm): Promise<string[]> {
  const wrongs = [...new Set(storm.wrongs)];
  const { town } = storm;
  const events = await town.rows<EventRow>(
    `select e.id, e.targets, (e.payload::json -> 'data' ->> 'number')::int as number,
      e.conversation_id as "conversationId", e.seq::float8 as seq,
      (select coalesce(array_agg(s.serial order by s.serial), '{}') from (
        select distinct on (serial) serial, collects from seen_endpoint
        where version <= e.config_version order by serial, version desc, at desc) s where s.collects) as expected
     from event e order by e.id`,
  );
  const deliveries = await town.rows<DeliveryRow>(
    `select event_id as "eventId", endpoint, state, attempts, is_gap as "isGap" from delivery`,
  );
  const attempts = await town.rows<AttemptRow>(
    `select a.event_id as "eventId", a.endpoint, a.n, p.name as station, a.status, a.error
     from attempt a join process p on p.id = a.process`,
  );
  const registrations = await town.rows<{ station: string; count: number }>(
    "select name as station, count(*)::int as count from process group by name",
  );
  const timesRegistered = new Map(registrations.map(({ station, count }) => [station, count]));
  const deleted = new Set(
    (
      await town.rows<{ serial: number }>(
        "select serial from endpoint where deleted_at is not null",
      )
    ).map(({ serial }) => serial),
  );
  const serialOf = new Map(storm.endpoints.map(({ url, serial }) => [url, serial]));
  const requests = new Map<string, Request[]>();
  for (const request of storm.receivers.requests) {
    const key = `${request.eventId}/${serialOf.get(request.url)}`;
    requests.set(key, [...(requests.get(key) ?? []), request]);
  }
  const deliveryOf = new Map(deliveries.map((each) => [`${each.eventId}/${each.endpoint}`, each]));
  const wrong = (what: string) => wrongs.push(what);

  callers(storm, events, wrong);
  if (storm.feed.join() !== events.map(({ id }) => id).join()) {
    wrong(
      `the feed showed ${storm.feed.join()}, and there are ${events.map(({ id }) => id).join()}`,
    );
  }
  for (const { id, targets, expected } of events) {
    if (targets.join() !== expected.join()) {
      wrong(`${id} is for ${targets.join()}, and was to be for ${expected.join()}`);
    }
  }
  for (const { id, targets } of events) {
    for (const endpoint of targets) {
      const key = `${id}/${endpoint}`;
      const delivery = deliveryOf.get(key);
      const own = requests.get(key) ?? [];
      const isTaken = own.some((each) => each.isTaken);
      const state = delivery?.state ?? "nothing";
      if (state === "delivered" ? !isTaken : !["dead", "cancelled"].includes(state)) {
        wrong(`${key} is ${state}, and ${isTaken ? "was" : "was not"} taken`);
      }
      if (state === "cancelled" && !deleted.has(endpoint)) wrong(`${key} is cancelled`);
      const known = own.some(
        ({ isTaken: taken, status, station }) => taken && status === 200 && !station.wasCut,
      );
      if (known && state !== "delivered") wrong(`${key} is ${state}, and was known to be taken`);
      const schedule = storm.endpoints.find(({ serial }) => serial === endpoint)?.schedule ?? [];
      if (state === "dead" && (delivery?.attempts ?? 0) < schedule.length + 1) {
        wrong(`${key} is dead after ${delivery?.attempts} attempts`);
      }
    }
  }
  for (const [key, own] of requests) {
    if (!deliveryOf.has(key)) wrong(`${key} was sent, and is not there`);
    twice(own, timesRegistered, (what) => wrong(`${key} ${what}`));
  }
  recorded(storm, attempts, requests, wrong);
  order(storm, events, deliveryOf, requests, wrong);
  const books = await readBooks(town.database.connections.pool, town.workspaceId);
  const [ledger, counted] = [books.ledger, books.counted].map((lines) =>
    lines.map(inWords).join("; "),
  );
  if (ledger !== counted) wrong(`the ledger says ${ledger}, and there is ${counted}`);
  for (const { logger, name } of storm.stations) {
    for (const { level, message, fields } of logger.lines) {
      const { err } = fields as { err?: Error };
      if (level !== "error" || err?.message === STORM_MESSAGE) continue;
      wrong(`${name} logged: ${message} ${JSON.stringify(fields)} ${err?.stack ?? ""}`);
    }
  }
  return wrongs;
}

function callers(storm: Storm, events: readonly EventRow[], wrong: (what: string) => void): void {
  const byNumber = new Map<number, EventRow[]>();
  for (const event of events) {
    byNumber.set(event.number, [...(byNumber.get(event.number) ?? []), event]);
  }
  const asked = new Set<number>();
  for (const { numbers, hasKey, answer } of storm.callers.asked) {
    for (const [at, number] of numbers.entries()) {
      asked.add(number);
      const made = byNumber.get(number) ?? [];
      if (made.length > 1) wrong(`number ${number} has ${made.length} events`);
      if (answer === null) continue;
      if (answer instanceof Error) {
        if (!hasKey && made.length > 0) wrong(`number ${number} was refused, and is there`);
      } else if (answer[at]?.id !== made[0]?.id)
        wrong(`number ${number} was answered with another id`);
    }
  }
  for (const number of byNumber.keys()) {
    if (!asked.has(number)) wrong(`number ${number} was asked for by nobody`);
  }
}

/** Whoever was not known to have failed is not sent again, but by a replay, or after its process was lost. */
function twice(
  own: readonly Request[],
  timesRegistered: ReadonlyMap<string, number>,
  wrong: (what: string) => void,
): void {
  const sorted = [...own].sort((a, b) => a.begunAt - b.begunAt);
  for (const [at, request] of sorted.entries()) {
    if (request.isReplay) continue;
    for (const before of sorted.slice(0, at)) {
      const { station, endedAt, status } = before;
      const isLost =
        station.wasCut || station.ether.hasUndead || (timesRegistered.get(station.name) ?? 0) > 1;
      const hasFailed = endedAt !== null && endedAt < request.begunAt && status !== 200;
      if (!isLost && !hasFailed) {
        wrong(
          `was sent as ${before.n} by ${station.name} and again as ${request.n} by ${request.station.name}`,
        );
      }
    }
  }
}

/** Each request whose outcome was known to a process that went on is on record, and no other. */
function recorded(
  storm: Storm,
  attempts: readonly AttemptRow[],
  requests: ReadonlyMap<string, readonly Request[]>,
  wrong: (what: string) => void,
): void {
  const cut = new Set(storm.stations.filter((each) => each.wasCut).map(({ name }) => name));
  const rows = new Map<string, string[]>();
  for (const { eventId, endpoint, n, station, status, error } of attempts) {
    const name = `${eventId}/${endpoint} attempt ${n} by ${station}`;
    rows.set(name, [...(rows.get(name) ?? []), String(status ?? error)]);
  }
  const made = new Map<string, string[]>();
  for (const [key, own] of requests) {
    for (const { n, station, status } of own) {
      const name = `${key} attempt ${n} by ${station.name}`;
      made.set(name, [...(made.get(name) ?? []), String(status)]);
    }
  }
  for (const name of new Set([...rows.keys(), ...made.keys()])) {
    const [row, real] = [rows.get(name) ?? [], made.get(name) ?? []];
    const isCut = cut.has(name.slice(name.indexOf(" by ") + 4));
    const isRight = isCut
      ? row.every((each) => real.includes(each)) && row.length <= real.length
      : [...row].sort().join() === [...real].sort().join();
    if (!isRight)
      wrong(
        `${name}: on record is ${row.join() || "nothing"}, and it was ${real.join() || "nothing"}`,
      );
  }
}

/** What keeps its order is seen first when all before it was taken, or is a gap. */
function order(
  storm: Storm,
  events: readonly EventRow[],
  deliveryOf: ReadonlyMap<string, DeliveryRow>,
  requests: ReadonlyMap<string, readonly Request[]>,
  wrong: (what: string) => void,
): void {
  for (const { serial } of storm.endpoints.filter(({ keepsOrder }) => keepsOrder)) {
    const lanes = new Map<string, EventRow[]>();
    for (const event of events) {
      if (event.conversationId === null || !event.targets.includes(serial)) continue;
      lanes.set(event.conversationId, [...(lanes.get(event.conversationId) ?? []), event]);
    }
    for (const lane of lanes.values()) {
      const sorted = [...lane].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
      for (const [at, event] of sorted.entries()) {
        const first = Math.min(
          ...(requests.get(`${event.id}/${serial}`) ?? []).map(({ begunAt }) => begunAt),
        );
        if (first === Number.POSITIVE_INFINITY) continue;
        for (const before of sorted.slice(0, at)) {
          const key = `${before.id}/${serial}`;
          const delivery = deliveryOf.get(key);
          if (delivery?.isGap || delivery?.state === "cancelled") continue;
          const wasTaken = (requests.get(key) ?? []).some(
            ({ isTaken, begunAt }) => isTaken && begunAt < first,
          );
          if (!wasTaken)
            wrong(`to ${serial}, ${event.seq} was sent before ${before.seq} was taken`);
        }
      }
    }
  }
}

function inWords({ endpoint, targeted, delivered, pending, dead, cancelled }: Line): string {
  return `${endpoint}: ${targeted} = ${delivered} + ${pending} + ${dead} + ${cancelled}`;
}
