import type { Town } from "../engine/town.ts";

/**
 * Writes down what happens in the database, by somebody else than the engine, and keeps it when days are
 * dropped: who collected under which version, every event as it was accepted, every attempt, the last state
 * of every delivery, and who was ever among the living.
 */
export async function callWitness({ rows }: Town): Promise<void> {
  await rows(
    `create table seen_endpoint (at serial, serial int, version bigint, collects bool, ordering text);
     create table seen_event (like event);
     create table seen_delivery (like delivery, primary key (event_id, endpoint));
     create table seen_attempt (like attempt);
     create table seen_process (id int, name text)`,
  );
  await whenever(
    rows,
    "insert or update on endpoint",
    `insert into seen_endpoint (serial, version, ordering, collects) select new.serial, w.config_version,
       new.ordering, new.deleted_at is null and (new.state in ('enabled', 'paused')
         or (new.state = 'disabled' and new.disabled_by is distinct from 'user'))
     from workspace w where w.id = new.workspace_id`,
  );
  await whenever(rows, "insert on event", "insert into seen_event select new.*");
  await whenever(rows, "insert on attempt", "insert into seen_attempt select new.*");
  await whenever(rows, "insert on process", "insert into seen_process select new.id, new.name");
  await whenever(
    rows,
    "insert or update on delivery",
    `delete from seen_delivery where event_id = new.event_id and endpoint = new.endpoint;
     insert into seen_delivery select new.*`,
  );
}

async function whenever(rows: Town["rows"], what: string, does: string): Promise<void> {
  const name = `see_${what.split(" ").at(-1)}`;
  await rows(
    `create function ${name}() returns trigger language plpgsql as $$ begin ${does}; return new; end $$;
     create trigger ${name} after ${what} for each row execute function ${name}()`,
  );
}
