import type { Queryable } from "../../core/events/recording.ts";
import { texts } from "../connections/columns.ts";
import { isOwed } from "../queue/behind.ts";

export type Role = "all" | "api" | "worker";

/**
 * Registers a process and returns its id, which no process had before. Runs in a transaction of its
 * own. `floorAbove` is given the highest floor there ever was and returns one above it: the lock
 * keeps floors still between reading and writing them.
 */
export async function registerProcess(
  tx: Queryable,
  entry: {
    name: string;
    role: Role;
    configVersion: number;
    at: number;
    keyIds?: readonly string[];
  },
  floorAbove: (highest: string) => string,
): Promise<{ id: number; floor: string; isHeld: boolean }> {
  await tx.query("lock table process in share row exclusive mode");
  const highest = await tx.query<{ floor: string }>(
    "select insert_floor as floor from process order by insert_floor desc limit 1",
  );
  const floor = floorAbove(highest.rows[0]?.floor ?? "00000000-0000-0000-0000-000000000000");
  const made = await tx.query<{ id: number; isHeld: boolean }>({
    text: `insert into process (id, name, role, state, insert_floor, settled_floor, config_version, key_ids, started_at, heartbeat_at)
      values (nextval('process_id'), $1, $2, 'living', $3, $3, $4, $6, to_timestamp($5::float8 / 1000), to_timestamp($5::float8 / 1000))
      returning id, (select deliveries_held_at is not null from instance) as "isHeld"`,
    values: [
      ...[entry.name, entry.role, floor, entry.configVersion, entry.at],
      texts(entry.keyIds ?? []),
    ],
  });
  const row = made.rows[0];
  if (!row) throw new Error("a process registered and got no row");
  return { ...row, floor };
}

export interface Beat {
  /** The instance's configuration version. */
  configVersion: number;
  /** The database's clock, ms since the epoch. */
  databaseMs: number;
  /** Somebody follows the log, at whatever living process. */
  isFollowed: boolean;
  /** The whole instance holds its deliveries back. */
  isHeld: boolean;
}

/** Says that the process lives and publishes its floors. Null: it was declared dead. */
export async function beat(
  db: Queryable,
  entry: {
    id: number;
    insertFloor: string;
    settledFloor: string;
    configVersion: number;
    /** Nothing is under way here any more that began before this version was applied. */
    passedVersion: number;
    at: number;
    /** Until when somebody follows the log here; null for nobody. */
    followedUntil: number | null;
    /** The names of its master keys, the one that seals first. */
    keyIds: readonly string[];
  },
): Promise<Beat | null> {
  const { rows } = await db.query<Beat>({
    name: "beat",
    text: `update process set heartbeat = heartbeat + 1, heartbeat_at = to_timestamp($5::float8 / 1000),
        insert_floor = greatest(insert_floor, $2::uuid), settled_floor = greatest(settled_floor, $3::uuid),
        config_version = greatest(config_version, $4), passed_version = greatest(passed_version, $6),
        followed_until = to_timestamp($7::float8 / 1000), key_ids = $8
      where id = $1 and state = 'living'
      returning (select config_version from instance)::float8 as "configVersion",
        (extract(epoch from clock_timestamp()) * 1000)::float8 as "databaseMs",
        exists (select from process o where o.state = 'living'
          and o.followed_until > to_timestamp($5::float8 / 1000)) as "isFollowed",
        (select deliveries_held_at is not null from instance) as "isHeld"`,
    values: [
      entry.id,
      entry.insertFloor,
      entry.settledFloor,
      entry.configVersion,
      entry.at,
      entry.passedVersion,
      entry.followedUntil,
      texts(entry.keyIds),
    ],
  });
  return rows[0] ?? null;
}

/** Publishes the insert floor alone, between two heartbeats. */
export async function publishInsertFloor(db: Queryable, id: number, floor: string): Promise<void> {
  await db.query({
    name: "publish_insert_floor",
    text: `update process set insert_floor = greatest(insert_floor, $2::uuid)
      where id = $1 and state = 'living'`,
    values: [id, floor],
  });
}

export interface Peer {
  id: number;
  state: "living" | "dead";
  heartbeat: number;
  configVersion: number;
}

/** A living process and the names of its master keys; none where it is too old to tell. */
export interface KeyHolder {
  id: number;
  /** Host and pid. */
  name: string;
  heartbeat: number;
  keyIds: string[];
}

export async function listKeyHolders(db: Queryable): Promise<KeyHolder[]> {
  const { rows } = await db.query<KeyHolder>(
    `select id, name, heartbeat::float8 as heartbeat, key_ids as "keyIds" from process
     where state = 'living' order by id`,
  );
  return rows;
}

/** Every process whose floors still count. */
export async function listPeers(db: Queryable): Promise<Peer[]> {
  const { rows } = await db.query<Peer>({
    name: "peers",
    text: `select id, state, heartbeat::float8 as heartbeat, config_version::float8 as "configVersion"
      from process where state in ('living', 'dead') order by id`,
  });
  return rows;
}

/**
 * Declares a process dead whose heartbeat still stands where it was seen. False when it moved, is
 * gone, or holds its row (its accepts are under way: ask again later). Runs in a transaction.
 */
export async function declareDead(
  tx: Queryable,
  id: number,
  heartbeat: number,
  now: number,
): Promise<boolean> {
  const held = await tx.query({
    text: "select 1 from process where id = $1 and state = 'living' and heartbeat = $2 for update skip locked",
    values: [id, heartbeat],
  });
  if (held.rowCount !== 1) return false;
  await tx.query({
    text: "update process set state = 'dead', lost_at = to_timestamp($2::float8 / 1000) where id = $1",
    values: [id, now],
  });
  return true;
}

/** The highest id of all events: what a process that is dead by now has accepted is not above it. */
export async function readHighestEventId(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>({
    text: "select id from event order by id desc limit 1",
  });
  return rows[0]?.id ?? null;
}

/**
 * Takes over what a dead process carried: what it accepted and never settled goes to `retry`, `limit`
 * events of the log further and no further than `upTo`; at the end its leases are freed. Any process may
 * finish what another began: its settled floor says how far that was. Runs in a transaction; returns how
 * many deliveries were taken over, or null when somebody else has done it. What keeps the order of a
 * conversation is in `retry` since it was accepted, so that nothing that is put there now does; what
 * an endpoint is owed that is behind stays in the log.
 */
export async function recoverProcess(
  tx: Queryable,
  id: number,
  { now, upTo, limit }: { now: number; upTo: string | null; limit: number },
): Promise<{ orphans: number; leases: number; isDone: boolean } | null> {
  const dead = await tx.query<{ floor: string }>({
    text: `select settled_floor as floor from process where id = $1 and state = 'dead' for update`,
    values: [id],
  });
  const floor = dead.rows[0]?.floor;
  if (floor === undefined) return null;
  const page = await tx.query<{ read: number; last: string | null }>({
    text: `select count(*)::int as read, (array_agg(id order by id desc))[1] as last from (
        select id from event where id > $1 and id <= $2 order by id limit $3) e`,
    values: [floor, upTo ?? floor, limit],
  });
  const { read = 0, last = null } = page.rows[0] ?? {};
  const orphans = await tx.query({
    text: `with ev as materialized (
        select id, workspace_id, config_version, targets from event where id > $2 and id <= $4 and owner = $1)
      insert into retry (event_id, endpoint, workspace_id, next_at, n, round, round_n)
      select ev.id, t.endpoint, ev.workspace_id, to_timestamp($3::float8 / 1000), 1, 1, 1
      from ev cross join lateral unnest(ev.targets) as t (endpoint)
      left join endpoint p on p.serial = t.endpoint
      where not exists (select 1 from delivery d
          where d.event_id > $2 and d.event_id <= $4 and d.event_id = ev.id and d.endpoint = t.endpoint)
        and ${isOwed("p", { id: "ev.id", version: "ev.config_version" })} is not true
      on conflict do nothing`,
    values: [id, floor, now, last ?? floor],
  });
  const taken = orphans.rowCount ?? 0;
  if (read === limit) {
    await tx.query({
      text: "update process set settled_floor = $2 where id = $1",
      values: [id, last],
    });
    return { orphans: taken, leases: 0, isDone: false };
  }
  const leases = await freeLeases(tx, id, now);
  await tx.query({ text: "update process set state = 'recovered' where id = $1", values: [id] });
  return { orphans: taken, leases, isDone: true };
}

/** Makes every retry that a process has leased due now, for anybody. */
async function freeLeases(db: Queryable, owner: number, now: number): Promise<number> {
  const freed = await db.query({
    text: `update retry set owner = null, next_at = to_timestamp($2::float8 / 1000) where owner = $1`,
    values: [owner, now],
  });
  return freed.rowCount ?? 0;
}

/**
 * Ends the registration of a process that has handed everything over up to its settled floor. Waits for what is
 * being accepted under it, so that whoever recovers it then finds that too. False when it was declared dead
 * before, and somebody else recovers it. Runs in a transaction.
 */
export async function endProcess(
  tx: Queryable,
  id: number,
  settledFloor: string,
): Promise<boolean> {
  const held = await tx.query({
    text: "select 1 from process where id = $1 and state = 'living' for update",
    values: [id],
  });
  if (held.rowCount !== 1) return false;
  await tx.query({
    text: `update process set state = 'dead', settled_floor = greatest(settled_floor, $2::uuid) where id = $1`,
    values: [id, settledFloor],
  });
  return true;
}

/** Forgets processes that ended a day ago; the highest floor of all stays in the high-water row. */
export async function forgetProcesses(db: Queryable, before: number): Promise<void> {
  await db.query({
    text: `with gone as (
        delete from process where state = 'recovered' and heartbeat_at < to_timestamp($1::float8 / 1000)
        returning insert_floor),
      highest as (select insert_floor as floor from gone order by insert_floor desc limit 1)
      update process set insert_floor = greatest(insert_floor, highest.floor), heartbeat_at = to_timestamp($1::float8 / 1000)
      from highest where state = 'high_water'`,
    values: [before],
  });
}

/** Whether the process is still counted among the living. */
export async function isLiving(db: Queryable, id: number): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "select 1 from process where id = $1 and state = 'living'",
    values: [id],
  });
  return rowCount === 1;
}
